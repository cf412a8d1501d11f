"""Reads the kernel's counters and gauges of a host from /proc; the caller turns counters into rates.

Every function takes the directory to read, returns plain numbers and gives an empty mapping for a file that is not
there: a container may hide any of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List

from diagnostics.agent import proc_files

# user nice system idle iowait irq softirq steal; guest time is part of user already.
CPU_COLUMNS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_VIRTUAL_DISKS = ("loop", "ram", "zram", "fd", "sr")
_VMSTAT = {
    "pgmajfault": "paging.major_faults",
    "pgfault": "paging.faults",
    "pswpin": "swapping.in",
    "pswpout": "swapping.out",
}


def _rows(path: str) -> List[List[str]]:
    return [row.split() for row in proc_files.text(path).splitlines() if row]


def cpu_ticks(proc: Path) -> Dict[str, int]:
    """Ticks since boot of all CPUs together, by column."""
    # The first line; those of each CPU and of every interrupt follow.
    first = proc_files.text(f"{proc}/stat").partition("\n")[0].split()
    return dict(zip(CPU_COLUMNS, map(int, first[1:]))) if first[:1] == ["cpu"] else {}


def tasks(proc: Path) -> Dict[str, float]:
    """``load.*``: averages, runnable and blocked tasks, all tasks."""
    found: Dict[str, float] = {}
    for row in _rows(f"{proc}/loadavg"):
        found.update(zip(("load.avg_1", "load.avg_5", "load.avg_15"), map(float, row[:3])))
        running, _, total = row[3].partition("/")
        # Whoever reads this is running: it is not the host's load.
        found.update({"load.run_queue": max(0, int(running) - 1), "load.tasks": int(total)})
    _, marked, rest = proc_files.text(f"{proc}/stat").partition("\nprocs_blocked ")
    return {**found, "load.blocked": int(rest.split()[0])} if marked else found


def memory(proc: Path) -> Dict[str, float]:
    """``memory.*`` and ``swap.*`` in kB and percent, as sar computes them."""
    kb = {row[0].rstrip(":"): int(row[1]) for row in _rows(f"{proc}/meminfo") if len(row) > 1}
    total, free = kb.get("MemTotal", 0), kb.get("MemFree", 0)
    if not total:
        return {}
    used = total - free - kb.get("Buffers", 0) - kb.get("Cached", 0) - kb.get("SReclaimable", 0)
    swap, swap_used = kb.get("SwapTotal", 0), kb.get("SwapTotal", 0) - kb.get("SwapFree", 0)
    return {
        "memory.free_kb": free,
        "memory.available_kb": kb.get("MemAvailable", free),
        "memory.used_kb": used,
        "memory.used_percent": 100 * used / total,
        "memory.commit_percent": 100 * kb.get("Committed_AS", 0) / (total + swap),
        "memory.dirty_kb": kb.get("Dirty", 0),
        "memory.cached_kb": kb.get("Cached", 0),
        "swap.used_kb": swap_used,
        "swap.used_percent": 100 * swap_used / swap if swap else 0.0,
    }


def paging(proc: Path) -> Dict[str, int]:
    """Faults and pages swapped since boot."""
    rows = (row.partition(" ") for row in proc_files.text(f"{proc}/vmstat").splitlines() if row.startswith("p"))
    return {_VMSTAT[name]: int(count) for name, _, count in rows if name in _VMSTAT}


def pressure(proc: Path) -> Dict[str, int]:
    """Microseconds since boot that tasks stood still for want of something, as ``pressure.io_full``."""
    found = {}
    for resource in ("cpu", "io", "memory"):
        for row in _rows(f"{proc}/pressure/{resource}"):
            # "full" of the CPU is not defined for a whole host.
            if (resource, row[0]) != ("cpu", "full"):
                found[f"pressure.{resource}_{row[0]}"] = int(row[-1].partition("=")[2])
    return found


def disks(proc: Path) -> Dict[str, List[int]]:
    """By whole disk: reads, sectors read, ms reading, writes, sectors written, ms writing, ms busy, ms queued."""
    found: Dict[str, List[int]] = {}
    for row in _rows(f"{proc}/diskstats"):
        name = row[2]
        # A partition's name begins with its disk's, which the kernel lists first.
        part = any(name.startswith(disk) and name[len(disk) :].lstrip("p").isdigit() for disk in found)
        if len(row) >= 14 and not part and not name.startswith(_VIRTUAL_DISKS):
            n = list(map(int, row[3:14]))
            found[name] = [n[0], n[2], n[3], n[4], n[6], n[7], n[9], n[10]]
    return found


def interfaces(proc: Path) -> Dict[str, List[int]]:
    """By network interface but loopback: bytes and packets received, bytes and packets sent."""
    found = {}
    for row in _rows(f"{proc}/net/dev")[2:]:
        # "eth0:123" has no space in old kernels.
        name, _, first = row[0].partition(":")
        numbers = ([first] if first else []) + row[1:]
        if name != "lo" and len(numbers) >= 16:
            found[name] = [int(numbers[0]), int(numbers[1]), int(numbers[8]), int(numbers[9])]
    return found
