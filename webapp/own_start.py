"""Launchscope's own start, recorded and sent like anybody else's launch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from diagnostics.agent.record import Phase, Recorder, process_start_time, read_spool
from diagnostics.agent.upload import UploadError, upload
from webapp.credentials import Credentials
from webapp.release import version

SERVICE, ENVIRONMENT = "launchscope", "local"


class OwnStart:
    """The steps of one start: each is shown when it is done, and is a phase of the launch."""

    def __init__(self, home: Path, say: Callable[[str], None]) -> None:
        # A file rather than memory alone: `prepare`, a process of its own, records into the same launch.
        self.spool = home / "starts"
        self.recorder = Recorder(SERVICE, ENVIRONMENT, version(), spool=self.spool)
        self.recorder.milestone("process_start", process_start_time())
        self._say = say

    def begin(self, name: str, lane: str, depends_on: Iterable[str] = ()) -> Phase:
        return self.recorder.phase(name, depends_on=list(depends_on), lane=lane)

    def finish(self, phase: Phase, work: Callable[[], None]) -> None:
        """Runs what remains to do in a phase that has begun, and shows how long it took in all."""
        with phase:
            work()
        self._say(f"  {phase.name:<15} {(self.recorder.now() - phase.start_time) / 1e9:6.2f} s")

    def ready(self) -> float:
        """Notes the end of the launch and returns its length in seconds."""
        self.recorder.milestone("health_ok")
        milestones = self.recorder.snapshot()["milestones"]
        return float(milestones["health_ok"] - milestones["process_start"]) / 1e9

    def send(self, credentials: Credentials) -> None:
        """Through the public API, with the first ingest token. A failure is said, and nothing else suffers from it."""
        file = self.spool / f"{self.recorder.launch_id}.jsonl"
        try:
            upload(read_spool(file), credentials.url, credentials.ingest_token, patience=60.0)
        except (UploadError, OSError, ValueError) as error:
            self._say(f"This start could not be recorded as a launch: {error}")
        file.unlink(missing_ok=True)
