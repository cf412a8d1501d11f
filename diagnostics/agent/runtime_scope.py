"""``glmctl runtime-scope``: probes of one dependency as this runtime sees it, round after round.

The ``probe`` artifact it makes (schema 1; times and durations in ns, timeouts in seconds)::

    {"schema": 1, "type": "timeouts", "time": 1764000000000000000, "service": "open-autoglm", "environment": "prod",
     "host": {"name": "gpu-07", "boot_id": "…", "boot_time": 1763000000000000000},
     "runtime": {"container": "4f0c…", "network_namespace": "net:[4026531840]", "pid_namespace": "pid:[4026531836]"},
     "target": {"name": "orders-db", "protocol": "postgres", "address": "db.internal:5432", "tls": false},
     "probes": [{"round": 0, "time": 1764000000000000000, "timeout_s": 3.0, "ok": true, "duration_ns": 1843210,
                 "stages": {"resolve": 210000, "connect": 400000, "handshake": 1233210}, "reason": "", "message": "",
                 "address": "10.0.0.5:5432", "facts": {}}],
     "timeouts": [{"timeout_s": 3.0, "probes": 10, "successes": 10, "success_share": 1.0, "judged": 10,
                   "false_positives": 0, "false_positive_rate": 0.0, "false_positive_high": 0.28}],
     "recommendation": {"timeout_s": 3.0, "because": "…", "enough_data": true}}

``success_share``, ``false_positive_rate`` and ``false_positive_high`` (upper end of the 95 % interval) are null where
nothing can be said; ``recommendation.timeout_s`` too.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence

from diagnostics.agent import false_positives
from diagnostics.agent.probing import Outcome, Target, probe

Round = Dict[float, Outcome]
_CONTAINER = re.compile(r"[0-9a-f]{64}")


def one_round(target: Target, timeouts: Sequence[float]) -> Round:
    """One probe per timeout, all let go at the same moment."""
    outcomes: Round = {}
    # Under load threads begin at different times; what is compared must see the same moment.
    start = threading.Barrier(len(timeouts))

    def run(timeout: float) -> None:
        start.wait()
        outcomes[timeout] = probe(target, timeout)

    threads = [threading.Thread(target=run, args=(timeout,), daemon=True) for timeout in timeouts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def rounds(
    target: Target,
    timeouts: Sequence[float],
    count: int,
    interval: float,
    seen: Callable[[int, Round], None] = lambda number, outcome: None,
) -> List[Round]:
    """``count`` rounds that begin ``interval`` seconds apart, or at once after one that took longer.

    Ctrl-C ends early and keeps what was seen.
    """
    done: List[Round] = []
    first = time.monotonic()
    try:
        # Counted from the first beginning, so that slow rounds do not shift all later ones.
        for number in range(count):
            time.sleep(max(0.0, first + number * interval - time.monotonic()))
            done.append(one_round(target, timeouts))
            seen(number, done[-1])
    except KeyboardInterrupt:
        if not done:
            raise
    return done


def document(target: Target, done: Sequence[Round]) -> Dict[str, Any]:
    """The artifact, without the identity that the command adds."""
    probes = [
        {"round": number, **outcome.document()}
        for number, outcomes in enumerate(done)
        for _, outcome in sorted(outcomes.items())
    ]
    return {
        "schema": 1,
        "type": "timeouts",
        "time": min(outcome.time for outcomes in done for outcome in outcomes.values()),
        "runtime": runtime(),
        "target": {
            "name": target.name or target.address,
            "protocol": target.protocol,
            "address": target.address,
            "tls": target.tls,
        },
        "probes": probes,
        "timeouts": [row.document() for row in false_positives.rows(done)],
        "recommendation": false_positives.recommend(done).document(),
    }


def runtime() -> Dict[str, str]:
    """What bounds the view of these probes: the container, and the network that it sees."""
    facts = {"container": _container()}
    for short, name in (("net", "network_namespace"), ("pid", "pid_namespace")):
        with contextlib.suppress(OSError):
            facts[name] = str(Path("/proc/self/ns", short).readlink())
    return {name: value for name, value in facts.items() if value}


def _container() -> str:
    """The container's id, from the control group or, under cgroup v2, from a mount of the runtime's directory."""
    for place in ("/proc/self/cgroup", "/proc/self/mountinfo"):
        try:
            rows = Path(place).read_text().splitlines()
        except OSError:
            continue
        for row in rows:
            found = _CONTAINER.search(row)
            if found and re.search(r"docker|containerd|crio|kubepods|libpod|containers/", row):
                return found.group()
    return ""
