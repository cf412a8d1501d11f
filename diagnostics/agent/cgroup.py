"""The control group a process runs in: its limits, and the counters that tell whether they were felt (v2, and v1)."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Iterable, Optional

from diagnostics.agent import proc_files

PROC = Path("/proc")
# v1 says "no limit" with the largest page-aligned number.
_UNLIMITED = 1 << 60


class ControlGroup:
    """Directories of one process's group; a controller may sit in v2 or in a v1 hierarchy of its own."""

    def __init__(self, pid: int, proc: Path = PROC) -> None:
        paths = _memberships(proc / str(pid) / "cgroup")
        mounts = _mounts(proc / "self" / "mounts")
        self.unified = _inside(mounts.get("cgroup2"), paths.get(""))
        self.cpu = _inside(mounts.get("cpu"), paths.get("cpu")) or self.unified
        self.cpu_accounting = _inside(mounts.get("cpuacct"), paths.get("cpuacct"))
        self.memory = _inside(mounts.get("memory"), paths.get("memory")) or self.unified

    def counters(self) -> Dict[str, int]:
        """Since the group began: ``cpu_us``, ``throttled_us``, ``throttled_periods``, ``oom_kills``, as far as told."""
        cpu, events = _table(self.cpu, "cpu.stat"), _table(self.memory, "memory.events")
        found: Dict[str, int] = {}
        if cpu:
            found["throttled_us"] = cpu.get("throttled_usec", cpu.get("throttled_time", 0) // 1000)
            found["throttled_periods"] = cpu.get("nr_throttled", 0)
        spent_ns = _number(self.cpu_accounting, ("cpuacct.usage",))
        spent = cpu.get("usage_usec") if spent_ns is None else spent_ns // 1000
        if spent is not None:
            found["cpu_us"] = spent
        if "oom_kill" in events:
            found["oom_kills"] = events["oom_kill"]
        return found

    def memory_bytes(self) -> Optional[int]:
        """Memory charged to the group now, page cache included."""
        return _number(self.memory, ("memory.current", "memory.usage_in_bytes"))

    def limits(self) -> Dict[str, float]:
        """``cpus`` and ``memory_bytes``, each only where there is a limit; of the group or of one around it."""
        cpus = [found for folder in _upwards(self.cpu) for found in [_cpu_limit(folder)] if found]
        memory = [
            found
            for folder in _upwards(self.memory)
            for found in [_number(folder, ("memory.max", "memory.limit_in_bytes"))]
            if found and found < _UNLIMITED
        ]
        return {**({"cpus": min(cpus)} if cpus else {}), **({"memory_bytes": min(memory)} if memory else {})}


def _memberships(path: Path) -> Dict[str, str]:
    """Controller → the group's path; ``""`` is the unified hierarchy."""
    found: Dict[str, str] = {}
    for row in _text(path).splitlines():
        _, _, rest = row.partition(":")
        controllers, _, where = rest.partition(":")
        found.update(dict.fromkeys(controllers.split(","), where))
    return found


def _mounts(path: Path) -> Dict[str, Path]:
    found: Dict[str, Path] = {}
    for row in _text(path).splitlines():
        _, where, kind, options, *_ = [*row.split(), "", "", "", ""]
        if kind == "cgroup2":
            found["cgroup2"] = Path(where)
        elif kind == "cgroup":
            found.update(dict.fromkeys(options.split(","), Path(where)))
    return found


def _inside(mount: Optional[Path], group: Optional[str]) -> Optional[Path]:
    if mount is None or group is None:
        return None
    folder = mount / group.lstrip("/")
    # In a container the path is the host's, but what is mounted is the group itself.
    return folder if folder.is_dir() else mount


def _upwards(folder: Optional[Path]) -> Iterable[Path]:
    while folder is not None and (folder / "cgroup.procs").exists():
        yield folder
        folder = folder.parent


def _cpu_limit(folder: Path) -> Optional[float]:
    quota, _, period = _text(folder / "cpu.max").strip().partition(" ")
    if not quota:
        quota, period = _text(folder / "cpu.cfs_quota_us").strip(), _text(folder / "cpu.cfs_period_us").strip()
    try:
        return int(quota) / int(period) if int(quota) > 0 else None
    except ValueError:
        return None


def _number(folder: Optional[Path], names: Iterable[str]) -> Optional[int]:
    for name in names:
        text = _text(folder / name).strip() if folder else ""
        if text.isdigit():
            return int(text)
    return None


def _table(folder: Optional[Path], name: str) -> Dict[str, int]:
    rows = [row.split() for row in (_text(folder / name) if folder else "").splitlines()]
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def _text(path: Path) -> str:
    return proc_files.text(str(path))
