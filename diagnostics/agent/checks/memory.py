"""Memory that a start could still have: of the host, and of the control group where it has a limit."""

from __future__ import annotations

from pathlib import Path
from typing import List

from diagnostics.agent import host_counters
from diagnostics.agent.cgroup import ControlGroup
from diagnostics.agent.checks.check import FAILED, GOOD, UNKNOWN, WARNING, Check
from diagnostics.agent.messages import tr
from diagnostics.agent.units import percent, size

LOW_WARNING, LOW_FAILED = 0.10, 0.03


def memory(proc: Path = Path("/proc")) -> List[Check]:
    return [_host(proc), *_group(proc)]


def _host(proc: Path) -> Check:
    total = _total_kb(proc)
    told = host_counters.memory(proc)
    if not total or "memory.available_kb" not in told:
        return Check("memory", "memory", UNKNOWN, tr("this host does not tell how much memory is available"))
    available = told["memory.available_kb"]
    swap = told.get("swap.used_percent", 0.0)
    evidence = [f"MemTotal {total:.0f} kB", f"MemAvailable {available:.0f} kB", f"swap used {swap:.1f} %"]
    return _check("memory", tr("memory"), available * 1024, total * 1024, evidence)


def _group(proc: Path) -> List[Check]:
    group = ControlGroup(_own_pid(proc), proc)
    limit, used = group.limits().get("memory_bytes"), group.memory_bytes()
    if not limit or used is None:
        return []
    evidence = [f"{group.memory}: {used} of {limit:.0f} bytes"]
    return [_check("memory-limit", tr("memory of the container"), max(0.0, limit - used), limit, evidence)]


def _own_pid(proc: Path) -> int:
    return int((proc / "self").resolve().name)


def _check(name: str, what: str, free: float, total: float, evidence: List[str]) -> Check:
    share = free / total
    state = FAILED if share < LOW_FAILED else WARNING if share < LOW_WARNING else GOOD
    message = tr(
        "{what}: {free} of {total} free ({share})", what=what, free=size(free), total=size(total), share=percent(share)
    )
    advice = (
        tr("A start that needs more is swapped or killed: raise the limit or free memory.") if state != GOOD else ""
    )
    return Check(name, "memory", state, message, 100 * LOW_WARNING, round(100 * share, 1), "% free", evidence, advice)


def _total_kb(proc: Path) -> float:
    try:
        rows = (proc / "meminfo").read_text().splitlines()
        return next(float(row.split()[1]) for row in rows if row.startswith("MemTotal"))
    except (OSError, ValueError, StopIteration):
        return 0.0
