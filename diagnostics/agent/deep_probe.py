"""``diagnose probe``: everything that can be tried on this host, one check after the other.

The ``probe`` artifact it makes (schema 1)::

    {"schema": 1, "type": "deep", "time": 1764000000000000000, "duration_ns": 5210000000, "service": "open-autoglm",
     "host": {"name": "gpu-07", "boot_id": "…", "boot_time": 1763000000000000000}, "runtime": {"container": "4f0c…"},
     "checks": [{"name": "read-throughput", "layer": "storage", "state": "warning",
                 "message": "/models is read at 48 MB/s", "expected": 100, "actual": 48.2, "unit": "MB/s",
                 "evidence": ["/models (nfs4): 145 MB in 3.008 s, O_DIRECT", "page cache: 0.0 % of 14 GB"],
                 "advice": "Keep the weights on a faster or a local disk, …"}]}

``state`` is good, warning, failed or unknown (could not be looked at). ``expected`` and ``actual`` are numbers in
``unit``, texts, or null. ``layer`` is one of DESIGN's.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Tuple

from diagnostics.agent.checks import (
    Check,
    configuration,
    dependency,
    disk,
    kernel_log,
    memory,
    pressure,
    reading,
    rendezvous,
    route,
    server_clock,
)
from diagnostics.agent.probing import Target
from diagnostics.agent.runtime_scope import runtime

Seen = Callable[[Check], None]


@dataclass(frozen=True)
class Plan:
    """What to look at; times in seconds. ``actual`` are the settings compared with ``expected``."""

    targets: Sequence[Target] = ()
    paths: Sequence[str] = ()
    expected: Mapping[str, str] = field(default_factory=dict)
    actual: Mapping[str, str] = field(default_factory=dict)
    rendezvous: str = ""
    server: str = ""
    timeout: float = 5.0
    read_bytes: int = 256 * 1024 * 1024
    read_seconds: float = 3.0
    kernel_seconds: float = 3600.0


def look(plan: Plan, seen: Seen = lambda check: None) -> List[Check]:
    """All checks, in order; ``seen`` gets each as it is made."""
    checks = []
    for check in _checks(plan):
        seen(check)
        checks.append(check)
    return checks


def _checks(plan: Plan) -> Iterator[Check]:
    for target in plan.targets:
        yield from dependency.dependency(target, plan.timeout)
    for host in _hosts(plan.targets):
        yield route.route(host, plan.timeout)
    if plan.rendezvous:
        yield rendezvous.reachable(plan.rendezvous, plan.timeout)
    yield from rendezvous.interfaces(plan.actual or os.environ)
    for path in plan.paths:
        yield from disk.space(path)
        yield reading.throughput(path, plan.read_bytes, plan.read_seconds)
    yield from memory.memory()
    yield from pressure.pressure()
    yield from kernel_log.kernel_log(plan.kernel_seconds)
    if plan.expected:
        yield from configuration.compare(plan.expected, plan.actual)
    if plan.server:
        yield server_clock.check(plan.server, plan.timeout)


def _hosts(targets: Sequence[Target]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys(target.host for target in targets if not target.socket))


def document(checks: Sequence[Check], begin: int) -> Dict[str, Any]:
    """The artifact, without the identity that the command adds; ``begin`` in ns since the epoch."""
    return {
        "schema": 1,
        "type": "deep",
        "time": begin,
        "duration_ns": time.time_ns() - begin,
        "runtime": runtime(),
        "checks": [check.document() for check in checks],
    }
