"""Watches one command from its start until it is ready, has ended, or the patience is over."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from diagnostics.agent import import_time, kernel, page_cache, process_tree, recordings, telemetry, waiting
from diagnostics.agent.host_samples import HostSamples
from diagnostics.agent.kept_lines import KeptLines
from diagnostics.agent.launching import Launch, forwarding
from diagnostics.agent.lines import Line, visible
from diagnostics.agent.log_wrapping import unwrap
from diagnostics.agent.page_cache import CachedFiles
from diagnostics.agent.profiles import Profile
from diagnostics.agent.profiling import Profiling
from diagnostics.agent.readiness import Criteria, Readiness
from diagnostics.agent.record import Recorder
from diagnostics.agent.stamps import Calendar

READY, ENDED, TIMEOUT = "ready", "ended", "timeout"
# Lines written just before readiness may still be on their way through the pipe.
_SETTLE = 0.2
_MOST_IMPORTS = 20_000
_GRACE = 10.0
_STOPPED_BY_TIMEOUT = 124


@dataclass
class Wanted:
    """What to run and how to watch it. ``sample_interval`` 0 means no samples; ``timeout`` 0 means any patience."""

    command: Sequence[str]
    launch_id: str
    criteria: Criteria
    profile: Optional[Profile] = None
    timeout: float = 0.0
    python: bool = False
    sample_interval: float = 0.5
    own_session: bool = False
    recordings: Path = Path("/nonexistent")
    files: Sequence[Path] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    targets: Tuple[int, int] = (1, 2)
    telemetry: Mapping[str, str] = field(default_factory=dict)  # for the command only, not part of what is told of it


class Recording:
    """One launch under observation: ``run`` it, look at what was seen, then ``conclude`` or ``leave``."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.outcome = ""
        self.end_time = 0
        self.exit_code: Optional[int] = None
        self.kept = KeptLines()
        self.imports: List[import_time.Import] = []
        self.profiling = Profiling(wanted.profile)
        self.samples: Optional[HostSamples] = None
        self.kernel: Optional[kernel.KernelLog] = None
        self.waiting: List[waiting.Waiting] = []
        self.usage: Dict[str, int] = {}
        self.files = page_cache.files_of(wanted.command, wanted.files)
        self.cached: CachedFiles = page_cache.measure(self.files)
        self._interrupted = False
        self._changed = threading.Event()
        self._lock = threading.Lock()
        self._calendar = Calendar(time.time_ns())

    def run(self) -> None:
        """Start the command and return when it is ready, has ended or ``timeout`` has passed. Raises CannotStart."""
        wanted = self.wanted
        if wanted.sample_interval:
            self.samples = HostSamples(wanted.sample_interval)
            self.samples.start()
        try:
            self.launch = Launch(wanted.command, self._environment(), self._on_line, self._changed, wanted.own_session)
        except BaseException:
            if self.samples:
                self.samples.stop()
            raise
        self.readiness = Readiness(wanted.criteria, self.launch.now, self._changed)
        recordings.begin(wanted.recordings, wanted.launch_id)
        # If we are killed, this is what tells of the launch.
        Recorder(launch_id=wanted.launch_id, spool=wanted.recordings).milestone("process_start", self.launch.start_time)
        if self.samples:
            self.samples.watch(self.launch.pid)
        for stream, target in zip(self.launch.streams, wanted.targets):
            stream.imports = wanted.python
            stream.target = target
        with forwarding(self._forward):
            self.launch.start()
            self.readiness.watch(self.launch.pid)
            self._wait()
            self._look()

    def conclude(self) -> int:
        """Go on passing output and signals until the command ends by itself; its exit code."""
        with forwarding(self.launch.signal):
            self.launch.exited.wait()
            return self.launch.finish()

    def stop(self) -> int:
        """End the command: 0 if it had been ready, 124 if not in time."""
        with forwarding(self.launch.signal):
            self.launch.stop(_GRACE)
            self.launch.finish()
        return 0 if self.outcome == READY else _STOPPED_BY_TIMEOUT

    def leave(self) -> int:
        """Let the command run on without us: 0 if it is ready, 124 if not in time."""
        self.launch.hand_over()
        return 0 if self.outcome == READY else _STOPPED_BY_TIMEOUT

    def _environment(self) -> Dict[str, str]:
        own = {
            "LAUNCHSCOPE_LAUNCH_ID": self.wanted.launch_id,
            "LAUNCHSCOPE_RECORDING": str(self.wanted.recordings.absolute()),
            "TRACEPARENT": telemetry.traceparent(self.wanted.launch_id),
            **self.wanted.telemetry,
        }
        own.update({name: value for name, value in self.wanted.environment.items() if name == "TRACEPARENT"})
        if self.wanted.python:
            own[import_time.VARIABLE] = "1"
        return {**self.wanted.environment, **own}

    def _forward(self, number: int) -> None:
        if not self.outcome and not self.waiting:
            # Whoever ends a launch before it is ready takes away the chance to see what it hung in.
            self.waiting = waiting.inspect(self.launch.pid)
        self._interrupted |= number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
        self.launch.signal(number)

    def _wait(self) -> None:
        deadline = time.monotonic() + self.wanted.timeout if self.wanted.timeout else None
        while not self._decided():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                self.outcome, self.end_time = TIMEOUT, self.launch.now()
                self.waiting = waiting.inspect(self.launch.pid)
                return
            self._changed.wait(left)
            self._changed.clear()

    def _decided(self) -> bool:
        if self.launch.exited.is_set():
            # Its last words may hold the ready line, or the reason.
            for stream in self.launch.streams:
                stream.join(_SETTLE)
        if self.readiness.reached.is_set():
            self.outcome, self.end_time = READY, max(self.readiness.milestones.values())
        elif self.launch.exited.is_set():
            self.outcome, self.end_time = ENDED, self.launch.exit_time or self.launch.now()
        return bool(self.outcome)

    def _look(self) -> None:
        """What can only be seen now, at the end of the launch and not later."""
        self.readiness.give_up()
        self.usage = _usage(self.launch.pid)
        if self.outcome == READY:
            self.launch.exited.wait(_SETTLE)
        for stream in self.launch.streams:
            stream.stop_reading()
        if self.samples:
            self.samples.stop()
        self.kernel = kernel.messages(self.launch.start_time, self.launch.now())
        if self.outcome == ENDED:
            self.exit_code = self.launch.finish()
            self._judge_end()

    def _judge_end(self) -> None:
        """A command that nobody expects to become ready, and that ends well, was a job: its end is its success."""
        if self.exit_code == 0 and not self.wanted.criteria.explicit() and not self._interrupted:
            self.outcome = READY
            self.readiness.milestones["first_success"] = self.end_time
            self.readiness.by.append("its end, with exit code 0")

    def _on_line(self, source: str, raw: bytes, arrived: int, whole: bool) -> None:
        if self.wanted.python and raw.startswith(import_time.PREFIX):
            row = import_time.parse(raw.decode("utf-8", "replace"), arrived)
            if row and len(self.imports) < _MOST_IMPORTS:
                self.imports.append(row)
            return
        with self._lock:
            self._read(source, raw, arrived, whole)

    def _read(self, source: str, raw: bytes, arrived: int, whole: bool) -> None:
        text = visible(raw.decode("utf-8", "replace"))
        line = Line(arrived, text, self.kept.count + 1, source)
        if text.startswith("{"):
            line = line._replace(text=unwrap(text, self._calendar).text)
        before = self.profiling.ready
        self.profiling.feed(line)
        if self.profiling.ready and not before:
            self.readiness.profile_says_ready(self.profiling.ready.time, f"profile {self.profiling.profile.name}")
        self.readiness.line(line.text, arrived)
        if whole:
            self.kept.add(line)


def _usage(pid: int) -> Dict[str, int]:
    """What the processes of the launch took so far: bytes from storage, major faults; empty once they are gone."""
    processes = [process_tree.read(one) for one in process_tree.descendants(pid)]
    alive = [process for process in processes if process and process.state != "Z"]
    storage = [process_tree.storage_bytes(process.pid) for process in alive]
    if not any(storage):
        return {}
    return {
        "storage_read_bytes": sum(done.get("read_bytes", 0) for done in storage),
        "read_bytes": sum(done.get("rchar", 0) for done in storage),
        "major_faults": sum(process.major_faults for process in alive),
    }
