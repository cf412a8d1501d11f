"""What the kernel prints when it kills for memory, from 2.6 to 6.x, as one set of fields a kill.

A record runs from ``… invoked oom-killer: …`` over sizes and a table of tasks to ``Killed process …``::

    sed invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0
    [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
    [ 6576]    27  6576  8478723  5157251   15532  2047396             0 mysqld
    Out of memory: Kill process 6576 (mysqld) score 651 or sacrifice child
    Killed process 6576 (mysqld) total-vm:33914892kB, anon-rss:20629004kB, file-rss:0kB, shmem-rss:0kB

The line with ``Killed process`` is the kill: ``Kill process … or sacrifice child`` before it is a choice, and
``oom_reaper: reaped process`` after it is cleaning up.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diagnostics.records import NS_PER_SECOND

INVOKED = re.compile(r"(.*?) invoked oom-killer: ")
GFP = re.compile(r"gfp_mask=(0x[0-9a-f]+)(?:\(([^)]*)\))?")
ORDER = re.compile(r"order=(-?\d+)", re.ASCII)
# `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,2,oom_memcg=/a,task_memcg=/b,…,uid=0`
CONSTRAINT = "oom-kill:"
NEXT_KEY = re.compile(r",(?=(?:nodemask|cpuset|mems_allowed|oom_memcg|global_oom|task_memcg|task|pid|uid)(?:=|,|$))")
KEPT = {"constraint": "constraint", "nodemask": "nodemask", "cpuset": "cpuset", "oom_memcg": "limit_cgroup"}
KEPT |= {"task_memcg": "cgroup", "uid": "uid"}
TASK_IN = re.compile(r"Task in (?P<cgroup>.*) killed as a result of limit of (?P<limit_cgroup>.*)")
USAGE = re.compile(r"memory: usage (\d+)kB, limit (\d+)kB", re.ASCII)
CHOSEN = re.compile(r"(.*): [Kk]ill process \d+,? .*? score \d+", re.ASCII)
KILLED = re.compile(
    r"(?:(?P<why>.*?): )?Killed process (?P<pid>\d+),? (?:UID (?P<uid>\d+), )?\((?P<victim>.*?)\)"
    r"(?=,? (?:total-vm|vsz|UID):|[., ]*$)",
    re.ASCII,
)
SIZE = re.compile(r"(total-vm|vsz|anon-rss|file-rss|shmem-rss|pgtables):(\d+)kB", re.ASCII)
SCORE = re.compile(r"oom_score_adj:(-?\d+)", re.ASCII)
UID = re.compile(r"\bUID:(\d+)", re.ASCII)
HEADER = re.compile(r"\[ *pid *\] +(uid .*\bname)\s*$")
ROW = re.compile(r"\[ *(\d+)\] +(\S.*)", re.ASCII)
SCOPES = {
    "CONSTRAINT_NONE": "global",
    "CONSTRAINT_MEMCG": "memcg",
    "CONSTRAINT_CPUSET": "cpuset",
    "CONSTRAINT_MEMORY_POLICY": "cpuset",  # as with a cpuset, only some nodes' memory was to be had
}
LONGEST_RECORD = 120 * NS_PER_SECOND  # a slow serial console can hold a large table up for a minute
SHOWN_TASKS = 10
PAGE_KB = 4


@dataclass(slots=True)
class Record:
    """What has been read of one invocation; ``began`` is its time, ns."""

    began: int
    fields: dict[str, Any] = field(default_factory=dict)
    why: str = ""
    columns: Sequence[str] = ()
    tasks: list[tuple[int, int, dict[str, str]]] = field(default_factory=list)  # rss in pages, number, row
    task_count: int = 0

    def add_task(self, pid: str, row: str) -> None:
        cells = row.split(None, len(self.columns) - 1)
        if len(cells) != len(self.columns):
            return
        task = {"pid": pid, **dict(zip(self.columns, cells, strict=True))}
        if not task.get("rss", "").isdecimal():
            return
        self.task_count += 1
        entry = (int(task["rss"]), -self.task_count, task)
        (heapq.heappush if len(self.tasks) < SHOWN_TASKS else heapq.heappushpop)(self.tasks, entry)

    def table(self, page_kb: int) -> list[dict[str, Any]]:
        """The largest tasks, largest first, sizes in kB."""
        return [_shown(task, page_kb) for _, _, task in sorted(self.tasks, reverse=True, key=lambda one: one[:2])]


class OomRecords:
    """Follows records through the messages; ``is_open`` while every message may belong to one."""

    def __init__(self) -> None:
        self.is_open = False
        self._record = Record(-2 * LONGEST_RECORD)

    def read(self, text: str, time: int) -> Mapping[str, Any] | None:
        """The fields of the kill that a message tells of, or ``None``."""
        if "Killed process " in text and (killed := KILLED.match(text)):
            kill = _kill(killed, text, self._record_of(killed, time))
            self.is_open = False
            return kill
        if " invoked oom-killer: " in text and (invoked := INVOKED.match(text)):
            self._open(invoked[1], text, time)
        elif self.is_open:
            self.note(text, time)
        elif text.startswith((CONSTRAINT, "Task in ")) or CHOSEN.match(text):  # of a log that was searched for kills
            self.is_open, self._record = True, Record(time)
            self.note(text, time)
        return None

    def _record_of(self, killed: re.Match[str], time: int) -> Record:
        """The open record; and of a cgroup killed as a group, which has one such line a task, also the last one."""
        record = self._record
        is_of_group = "cgroup" in (killed["why"] or "") and _scope("", record.fields) == "memcg"
        is_its = abs(time - record.began) <= LONGEST_RECORD and (self.is_open or is_of_group)
        return record if is_its else Record(time)

    def note(self, text: str, time: int) -> None:
        """Take what one more message says of the open record."""
        if abs(time - self._record.began) > LONGEST_RECORD:
            self.is_open, self._record = False, Record(time)  # its beginning is not in the file
        record = self._record
        if text.startswith("["):
            self._row(text)
        elif text.startswith("memory: usage") and (found := USAGE.match(text)):
            record.fields |= {"usage_kb": int(found[1]), "limit_kb": int(found[2])}
        elif "ill process " in text and (found := CHOSEN.match(text)):
            record.why = found[1]
        elif text.startswith(CONSTRAINT):
            record.fields |= _constraint(text.removeprefix(CONSTRAINT))
        elif found := TASK_IN.match(text):
            record.fields |= found.groupdict()

    def _open(self, invoker: str, text: str, time: int) -> None:
        self.is_open, self._record = True, Record(time, {"invoker": invoker})
        if gfp := GFP.search(text):
            self._record.fields |= {"gfp_mask": gfp[1]} | ({"gfp_flags": gfp[2]} if gfp[2] else {})
        if order := ORDER.search(text):
            self._record.fields["order"] = int(order[1])

    def _row(self, text: str) -> None:
        record = self._record
        if record.columns and (row := ROW.match(text)):
            record.add_task(row[1], row[2])
        elif header := HEADER.match(text):
            record.columns = header[1].split()


def _constraint(text: str) -> dict[str, str]:
    """Values hold commas, and a task may be named as anything."""
    pairs = (part.partition("=") for part in NEXT_KEY.split(text))
    return {KEPT[key]: value for key, _, value in pairs if key in KEPT}


def _kill(killed: re.Match[str], text: str, record: Record) -> dict[str, Any]:
    sizes = {name.replace("-", "_") + "_kb": int(value) for name, value in SIZE.findall(text)}
    total = sizes.pop("vsz_kb", None) or sizes.get("total_vm_kb")
    known, pid = dict(record.fields), int(killed["pid"])
    uid = killed["uid"] or known.pop("uid", None)
    if found := UID.search(text):
        uid = found[1]
    fields: dict[str, Any] = {"victim": killed["victim"], "pid": pid, "total_vm_kb": total}
    fields |= {name: sizes.get(name) for name in ("anon_rss_kb", "file_rss_kb", "shmem_rss_kb")}
    fields |= {"scope": _scope(killed["why"] or record.why, known), "cgroup": known.pop("cgroup", None)}
    fields |= {"uid": int(uid)} if uid is not None else {}
    fields |= {"pgtables_kb": sizes["pgtables_kb"]} if "pgtables_kb" in sizes else {}
    if score := SCORE.search(text):
        fields["oom_score_adj"] = int(score[1])
    known.pop("uid", None)
    if record.tasks:
        known |= {"tasks": record.table(_page_kb(record, pid, total)), "task_count": record.task_count}
    return fields | known


def _scope(why: str, known: Mapping[str, Any]) -> str | None:
    """Whose memory ran out; ``None`` where the file has only the last line of an old record."""
    if known.get("constraint") in SCOPES:
        return SCOPES[known["constraint"]]
    if "cgroup" in why or "limit_cgroup" in known:
        return "memcg"
    if "cpuset" in why or "MPOL" in why:
        return "cpuset"
    return "global" if why or known else None


def _page_kb(record: Record, pid: int, total_kb: int | None) -> int:
    """The table counts in pages, which are 4 kB on most machines and 64 kB on some."""
    for _, _, task in record.tasks:
        if task["pid"] == str(pid) and total_kb and int(task.get("total_vm", 0)):
            return max(round(total_kb / int(task["total_vm"])), 1)
    return PAGE_KB


def _shown(task: Mapping[str, str], page_kb: int) -> dict[str, Any]:
    shown: dict[str, Any] = {"pid": int(task["pid"]), "name": task["name"], "rss_kb": int(task["rss"]) * page_kb}
    for column, name in (("total_vm", "total_vm_kb"), ("swapents", "swap_kb")):
        if task.get(column, "").isdecimal():
            shown[name] = int(task[column]) * page_kb
    if (score := task.get("oom_score_adj", "")).lstrip("-").isdecimal():
        shown["oom_score_adj"] = int(score)
    return shown
