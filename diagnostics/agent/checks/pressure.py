"""Pressure stall information: the share of the last ten seconds in which tasks waited for CPU, disk or memory."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional

from diagnostics.agent.checks.check import GOOD, UNKNOWN, WARNING, Check
from diagnostics.agent.messages import tr
from diagnostics.agent.units import percent

# Percent of time in which at least one task waited. A busy CPU is normal, waiting for memory never is.
LIMITS = {"cpu": (60.0, "cpu"), "io": (20.0, "storage"), "memory": (5.0, "memory")}


def pressure(proc: Path = Path("/proc")) -> List[Check]:
    return [_check(proc, resource, limit, layer) for resource, (limit, layer) in LIMITS.items()]


def _check(proc: Path, resource: str, limit: float, layer: str) -> Check:
    name = f"pressure-{resource}"
    row = _some(proc / "pressure" / resource)
    waited = _average(row)
    if waited is None:
        return Check(
            name, layer, UNKNOWN, tr("this kernel does not tell the pressure on {resource}", resource=tr(resource))
        )
    message = tr(
        "tasks waited for {resource} {share} of the last 10 s", resource=tr(resource), share=percent(waited / 100)
    )
    return Check(name, layer, WARNING if waited > limit else GOOD, message, limit, waited, "% of 10 s", [row])


def _some(path: Path) -> str:
    try:
        return next((row for row in path.read_text().splitlines() if row.startswith("some")), "")
    except OSError:
        return ""


def _average(row: str) -> Optional[float]:
    fields = dict(field.partition("=")[::2] for field in row.split()[1:])
    try:
        return float(fields["avg10"])
    except (KeyError, ValueError):
        return None
