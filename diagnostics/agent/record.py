"""Records a launch from inside: phases and milestones, as a snapshot (schema 1) that Launchscope reads.

One file, standard library only, Python 3.9 or newer: copy it into any program::

    recorder = Recorder(service="open-autoglm", environment="prod", version="1.4.2")
    with recorder.phase("weights-load"):
        load_weights()
    with recorder.phase("warm-up", depends_on=["weights-load"], lane="TP0"):
        warm_up()
    recorder.milestone("health_ok")
    snapshot = recorder.snapshot()

Times are integer nanoseconds since the Unix epoch. Nothing here raises because of what it records: a program must not
fail to start because somebody watches it start.
"""

from __future__ import annotations

import contextvars
import itertools
import json
import os
import socket
import threading
import time
import uuid
import weakref
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Union

Line = Dict[str, Any]
_current: contextvars.ContextVar[Optional["Phase"]] = contextvars.ContextVar("launchscope_phase", default=None)


class Phase:
    """A phase under way, as ``Recorder.phase`` gives it; ``id`` is unique within the launch, over its processes too."""

    def __init__(self, recorder: Recorder, phase_id: str, name: str, start_time: int) -> None:
        self._recorder = recorder
        self.id = phase_id
        self.name = name
        self.start_time = start_time
        self.attributes: Dict[str, Any] = {}
        self._token: Optional[contextvars.Token[Optional[Phase]]] = None

    def __enter__(self) -> Phase:
        self._token = _current.set(self)
        return self

    def __exit__(self, kind: Optional[type], error: Optional[BaseException], trace: object) -> None:
        if self._token is not None:
            _current.reset(self._token)
        if error is not None:
            self.attributes.setdefault("error", f"{type(error).__name__}: {error}"[:500])
        self.end("success" if error is None else "failed")

    def set(self, name: str, value: Any) -> None:
        """Attach a fact, such as ``set("bytes", 14_000_000_000)``; written when the phase ends."""
        self.attributes[name] = value

    def end(self, status: str = "success") -> None:
        duration = self._recorder.now() - self.start_time
        self._recorder._write(
            {"end": self.id, "duration_ns": duration, "status": status, "attributes": self.attributes}
        )


class Recorder:
    """One launch under recording. Thread-safe; with a ``spool`` directory also safe against a crash and over processes.

    Processes that record one launch share its ``launch_id`` and ``spool``; ``read_spool`` puts them together. The
    outermost phases of this one belong to ``parent``, the id of a phase of another process.
    """

    def __init__(
        self,
        service: str = "",
        environment: str = "",
        version: str = "",
        launch_id: Optional[str] = None,
        spool: Union[str, "os.PathLike[str]", None] = None,
        labels: Optional[Mapping[str, str]] = None,
        parent: Optional[str] = None,
    ) -> None:
        if launch_id is None and spool is None:
            # Set by ``autoglm-debug dump-launch-sequence`` for what it runs: everything becomes one launch.
            launch_id, spool = os.environ.get("LAUNCHSCOPE_LAUNCH_ID"), os.environ.get("LAUNCHSCOPE_RECORDING")
        self.launch_id = launch_id or str(uuid.uuid4())
        # The wall clock may be set while a launch runs; durations and order must not notice.
        self._offset = time.time_ns() - time.monotonic_ns()
        self._parent = parent
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._lines: List[Line] = []
        self._spool = Path(spool, self.launch_id + ".jsonl") if spool else None
        _recorders.add(self)
        about = {"service": service, "environment": environment, "version": version, "labels": dict(labels or {})}
        self._write({"launch": self.launch_id, **about, "host": host_facts()})

    def now(self) -> int:
        """Nanoseconds since the epoch, on a clock that never steps."""
        return time.monotonic_ns() + self._offset

    def phase(
        self,
        name: str,
        depends_on: Iterable[Union[str, Phase]] = (),
        lane: str = "",
        attributes: Optional[Mapping[str, Any]] = None,
    ) -> Phase:
        """A context manager that times its block; an exception marks it ``failed`` and goes on.

        Nests within the phase open in the same thread or task. ``depends_on`` names earlier phases (the latest of that
        name), or gives what ``phase`` returned for them.
        """
        parent = _current.get()
        phase = Phase(self, f"{os.getpid():x}-{next(self._numbers)}", name, self.now())
        begun = {"begin": phase.id, "phase": name, "start_time": phase.start_time, "lane": lane}
        # A recorder used inside another one's phase must not point into that other launch.
        begun["parent"] = parent.id if parent is not None and parent._recorder is self else self._parent
        begun["depends_on"] = [item.id if isinstance(item, Phase) else item for item in depends_on]
        self._write({**begun, "attributes": dict(attributes or {})})
        return phase

    def milestone(self, name: str, at: Optional[int] = None) -> None:
        """Note an instant, now or ``at`` (ns): ``process_start``, ``ready_line``, ``health_ok``, ``first_success`` …"""
        self._write({"milestone": name, "time": self.now() if at is None else at})

    def snapshot(self) -> Dict[str, Any]:
        """What is recorded so far, in the full form. A phase still open counts as failed and says so."""
        with self._lock:
            lines = list(self._lines)
        return assemble(lines, until=self.now())

    def _write(self, line: Line) -> None:
        with self._lock:
            self._lines.append(line)
            if self._spool is not None:
                _append(self._spool, line)


_recorders: "weakref.WeakSet[Recorder]" = weakref.WeakSet()


def _after_fork() -> None:
    """Another thread may have held a lock at the moment of the fork; in the child nobody will ever release it."""
    for recorder in list(_recorders):
        recorder._lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _append(path: Path, line: Line) -> None:
    """One write to a file opened for appending, so that lines of several processes do not mix."""
    data = (json.dumps(line, ensure_ascii=False, default=str) + "\n").encode("utf-8", "replace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, data)
        finally:
            os.close(handle)
    except OSError:
        # A full disk is no reason to stop the launch; the lines in memory remain.
        return


def read_spool(path: Union[str, "os.PathLike[str]"], until: Optional[int] = None) -> Dict[str, Any]:
    """The snapshot of a spooled launch, also of one that crashed. Raises OSError, or ValueError for no launch.

    Phases still open end, failed, at ``until`` (ns), else with the last thing the file tells.
    """
    lines = list(_whole_lines(Path(path)))
    if not lines:
        raise ValueError(f"{path} holds no recorded launch")
    return assemble(lines, until=_end(lines) if until is None else until)


def _whole_lines(path: Path) -> Iterator[Line]:
    for text in path.read_bytes().split(b"\n"):
        try:
            line = json.loads(text)
        except ValueError:
            # The last line of a process that was killed, or of a disk that was full.
            continue
        if isinstance(line, dict):
            yield line


def _end(lines: Iterable[Line]) -> int:
    starts: Dict[str, int] = {}
    latest = 0
    for line in lines:
        if "begin" in line:
            starts[line["begin"]] = line["start_time"]
        ended = starts.get(line.get("end", ""), 0) + line.get("duration_ns", 0)
        latest = max(latest, line.get("start_time", 0), line.get("time", 0), ended)
    return latest


def assemble(lines: Iterable[Line], until: int) -> Dict[str, Any]:
    """Lines as a Recorder writes them → a snapshot in the full form; phases open at ``until`` (ns) are failed."""
    snapshot: Dict[str, Any] = {"schema": 1, "milestones": {}}
    phases: Dict[str, Dict[str, Any]] = {}
    newest: Dict[str, str] = {}
    for line in lines:
        if "launch" in line:
            snapshot = {
                **snapshot,
                "launch_id": line["launch"],
                **{k: v for k, v in line.items() if v and k != "launch"},
            }
        elif "milestone" in line:
            snapshot["milestones"].setdefault(line["milestone"], line["time"])
        elif "begin" in line:
            phases[line["begin"]] = _begun(line, newest, phases, until)
            newest[line["phase"]] = line["begin"]
        elif line.get("end") in phases:
            phases[line["end"]].update(duration_ns=line["duration_ns"], status=line["status"])
            phases[line["end"]]["attributes"].pop("open", None)
            phases[line["end"]]["attributes"].update(line["attributes"])
    return {**snapshot, "phases": list(phases.values())}


def _begun(line: Line, newest: Mapping[str, str], known: Mapping[str, Any], until: int) -> Dict[str, Any]:
    wanted = [(item, item if item in known else newest.get(item)) for item in line["depends_on"]]
    attributes = {**line["attributes"], "open": True}
    if any(found is None for _, found in wanted):
        # The server refuses references to nothing; a typing mistake must not cost the whole launch.
        attributes["unknown_dependencies"] = [item for item, found in wanted if found is None]
    return {
        "id": line["begin"],
        "phase": line["phase"],
        "start_time": line["start_time"],
        "duration_ns": max(0, until - line["start_time"]),
        "status": "failed",
        "parent": line["parent"] if line["parent"] in known else None,
        "depends_on": [found for _, found in wanted if found is not None],
        "lane": line["lane"],
        "attributes": attributes,
    }


def host_facts() -> Dict[str, Any]:
    """This host's name, and on Linux the id and the time (ns) of its boot."""
    facts: Dict[str, Any] = {"name": socket.gethostname() or "localhost"}
    try:
        facts["boot_id"] = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        stat = Path("/proc/stat").read_text()
        facts["boot_time"] = next(int(row.split()[1]) for row in stat.splitlines() if row.startswith("btime")) * 10**9
    except (OSError, ValueError, StopIteration):
        pass
    return facts


def process_start_time() -> Optional[int]:
    """When this process was started (ns, to about 10 ms), from /proc; None where that cannot be read."""
    try:
        # The command's name, in parentheses, may itself hold spaces and parentheses.
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        age = uptime - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
    return time.time_ns() - int(age * 10**9)
