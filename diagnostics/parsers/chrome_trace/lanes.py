"""What lanes are called: by the names of processes and threads, for their numbers are others in every launch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from diagnostics.parsers.spans import Group, distinct

_ABOUT = {"process_name": "name", "thread_name": "name", "process_labels": "labels"}


class Lanes:
    """Names as the metadata events tell them, by process or by process and thread."""

    def __init__(self) -> None:
        self._names: dict[tuple[Any, ...], str] = {}

    def take(self, event: Mapping[str, Any]) -> None:
        kind, args = event.get("name"), event.get("args")
        key = _ABOUT.get(kind) if isinstance(kind, str) else None
        name = args.get(key) if key and isinstance(args, dict) else None
        if name is not None and str(name).strip():
            place = (str(event.get("pid", "")),) + ((str(event.get("tid", "")),) if kind == "thread_name" else ())
            self._names[(kind, *place)] = str(name).strip()[:200]

    def named(self, groups: Iterable[Group]) -> dict[Group, str]:
        """The lane of each group: ``(kind, process, …)`` in order of first appearance.."""
        told = list(groups)
        processes = self._processes(dict.fromkeys(group[1] for group in told if group[0] == "thread" or group[1]))
        wanted = dict.fromkeys((group[0], *group[1:3]) for group in told)
        several = len(wanted) > 1
        lanes = distinct((lane, self._lane(lane, processes) if several else self._thread(lane)) for lane in wanted)
        return {group: lanes[(group[0], *group[1:3])] for group in told}

    def _processes(self, pids: Iterable[str]) -> dict[str, str]:
        told = list(pids)
        names = {pid: self._names.get(("process_name", pid), "") for pid in told}
        counts = list(names.values())
        for pid, name in names.items():
            labels = self._names.get(("process_labels", pid), "")
            if counts.count(name) > 1 and labels:
                names[pid] = f"{name} {labels}".strip()
        if len(told) == 1:
            return names
        return distinct((pid, name or "process") for pid, name in names.items())

    def _lane(self, lane: Group, processes: Mapping[str, str]) -> str:
        # A span whose id is the whole trace's is of no process.
        process, thread = processes.get(lane[1], ""), self._thread(lane) or "thread"
        if not process:
            return thread
        return process if thread == process or (thread == "thread" and process != "process") else f"{process}: {thread}"

    def _thread(self, lane: Group) -> str:
        kind, pid, tid = lane
        # Asynchronous spans belong to no thread: those of one category share a lane.
        if kind == "async":
            return tid or "async"
        name = self._names.get(("thread_name", pid, tid), "")
        # PyTorch's profiler writes the thread's number into its name.
        return "thread" + name.removeprefix(f"thread {tid}") if name.startswith(f"thread {tid} ") else name
