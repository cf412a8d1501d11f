"""The processes of a launch, read from /proc: who they are, what they use, what they have done so far."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional

from diagnostics.agent import proc_files

PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
# A launch of more processes is watched by its first ones: reading them all would disturb the host.
_MOST = 512


class Process(NamedTuple):
    pid: int
    name: str
    state: str
    cpu_seconds: float  # its own, since it began
    major_faults: int
    threads: int
    rss_kb: int


def descendants(pid: int, proc: Path = PROC) -> List[int]:
    """``pid`` and every process that it or its children started, as far as they are still its descendants."""
    found, position = [pid], 0
    while position < len(found) and len(found) < _MOST:
        found += [child for child in _children(found[position], proc) if child not in found]
        position += 1
    return found[:_MOST]


def _children(pid: int, proc: Path) -> Iterator[int]:
    try:
        tasks = os.listdir(f"{proc}/{pid}/task")  # noqa: PTH208 (a path for each thread, each second)
    except OSError:
        return
    for task in tasks:
        yield from map(int, proc_files.text(f"{proc}/{pid}/task/{task}/children").split())


def members(group: int, proc: Path = PROC) -> List[int]:
    """The processes of a process group that still run, zombies left out."""
    found = []
    for name in os.listdir(proc):  # noqa: PTH208 (a path for each process)
        fields = proc_files.text(f"{proc}/{name}/stat").rpartition(") ")[2].split() if name.isdigit() else []
        if len(fields) > 2 and fields[2] == str(group) and fields[0] != "Z":
            found.append(int(name))
    return found


def read(pid: int, proc: Path = PROC) -> Optional[Process]:
    """What /proc says of one process; None if it is gone."""
    try:
        text = proc_files.text(f"{proc}/{pid}/stat")
        # The name, in parentheses, may itself hold spaces and parentheses.
        name = text[text.index("(") + 1 : text.rindex(")")]
        fields = text[text.rindex(")") + 2 :].split()
        return Process(
            pid=pid,
            name=name,
            state=fields[0],
            cpu_seconds=(int(fields[11]) + int(fields[12])) / _TICKS,
            major_faults=int(fields[9]),
            threads=int(fields[17]),
            rss_kb=int(fields[21]) * _PAGE // 1024,
        )
    except (ValueError, IndexError):
        return None


def storage_bytes(pid: int, proc: Path = PROC) -> Dict[str, int]:
    """``read_bytes`` and ``write_bytes`` that really reached storage, ``rchar`` that was asked for; empty if hidden."""
    rows = (row.partition(": ") for row in proc_files.text(f"{proc}/{pid}/io").splitlines())
    return {name: int(value) for name, _, value in rows}


def command_line(pid: int, proc: Path = PROC) -> List[str]:
    """The arguments of a process; empty if it is gone or a kernel thread."""
    try:
        return (proc / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
    except OSError:
        return []
