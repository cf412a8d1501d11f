"""Keeps a handful of child processes running: starts, watches, restarts, and stops them in order.

Why our own: docs/decisions/supervisor.md.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from webapp.home import Account, CannotStart
from webapp.process import group_is_alive, signal_group, spawn

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# Up for this long, a child is taken for healthy again: its next death is a first one.
STEADY = 60.0
LOG_LIMIT = 16 * 1024**2


@dataclass
class Child:
    """What to run, and how it stands. ``patience``: seconds to stop in before it is killed."""

    name: str
    command: Sequence[str]
    log: Path
    cwd: Path
    account: Account | None = None
    env: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    # Sent by the kernel if the supervisor is killed; the child may want to hurry then.
    death_signal: signal.Signals = signal.SIGTERM
    patience: float = 30.0
    before_restart: Callable[[], None] | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    due: float = field(default=0.0, init=False)
    pause: float = field(default=FIRST_PAUSE, init=False)

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def start(self) -> None:
        _rotate(self.log)
        options = {"cwd": self.cwd, "account": self.account, "env": self.env, "death_signal": self.death_signal}
        self.process = spawn(self.command, log=self.log, **options)  # type: ignore[arg-type]
        self.started_at = time.monotonic()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_words(self) -> str:
        """The last line of its log, for a sentence about why it ended."""
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1].strip()[:300] if lines else ""


class Supervisor:
    """Children stop in the opposite order of `add`; `stop_last` is for what the others need to stop well."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.children: list[Child] = []
        self._say = say
        self.stopping = threading.Event()

    def add(self, child: Child, *, stop_last: bool = False) -> Child:
        """Starts the child and watches it from now on."""
        self.children.insert(0 if stop_last else len(self.children), child)
        child.start()
        return child

    def wait_for(self, child: Child, ready: Callable[[], bool], patience: float = 120.0) -> None:
        """Returns when it is ready; raises CannotStart when it ended instead, or took too long."""
        deadline = time.monotonic() + patience
        while not ready():
            self.check_not_stopping()
            if not child.is_running():
                raise CannotStart(f"{child.name} ended while it started: {child.last_words()} (see {child.log})")
            if time.monotonic() > deadline:
                raise CannotStart(f"{child.name} is not ready after {patience:.0f} s: see {child.log}")
            time.sleep(0.02)

    def check_not_stopping(self) -> None:
        if self.stopping.is_set():
            raise KeyboardInterrupt

    def run(self) -> None:
        """Watches until `stopping` is set."""
        while not self.stopping.wait(0.2):
            for child in self.children:
                self._watch(child)

    def _watch(self, child: Child) -> None:
        now = time.monotonic()
        if child.is_running():
            _rotate(child.log)
        elif child.process is not None:
            self._note_death(child, child.process, now)
        elif now >= child.due:
            self._restart(child)

    def _note_death(self, child: Child, process: subprocess.Popen[bytes], now: float) -> None:
        # Whatever it started must be gone before the next one takes its place.
        signal_group(process, signal.SIGKILL)
        child.process = None
        child.pause = FIRST_PAUSE if now - child.started_at > STEADY else min(child.pause * 2, LONGEST_PAUSE)
        child.due = now + child.pause
        self._say(
            f"{child.name} ended ({ending(process.returncode)}); restart in {child.pause:.0f} s. Log: {child.log}"
        )

    def _restart(self, child: Child) -> None:
        try:
            if child.before_restart:
                child.before_restart()
            child.start()
        except (OSError, CannotStart, psutil.Error) as error:
            child.due = time.monotonic() + LONGEST_PAUSE
            self._say(f"{child.name} cannot be started: {error}; next try in {LONGEST_PAUSE:.0f} s")
        else:
            self._say(f"{child.name} runs again (process {child.pid})")

    def stop(self) -> None:
        """Ends all children, the last started first, each with everything it started itself."""
        self.stopping.set()
        for child in reversed(self.children):
            if child.process is not None:
                self._stop_one(child, child.process)

    def _stop_one(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        # The parent alone: servers such as PostgreSQL and Celery tell their own children what to do.
        if process.poll() is None:
            process.send_signal(child.stop_signal)
        try:
            process.wait(child.patience)
        except subprocess.TimeoutExpired:
            self._say(f"{child.name} did not stop within {child.patience:.0f} s and is killed")
        deadline = time.monotonic() + 2.0
        while process.poll() is not None and group_is_alive(process) and time.monotonic() < deadline:
            time.sleep(0.02)
        signal_group(process, signal.SIGKILL)
        process.wait()


def ending(returncode: int) -> str:
    if returncode >= 0:
        return f"exit status {returncode}"
    try:
        return f"killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"killed by signal {-returncode}"


def _rotate(log: Path) -> None:
    """Children append to the open file, so it is copied and emptied rather than renamed."""
    try:
        if log.stat().st_size > LOG_LIMIT:
            shutil.copyfile(log, log.with_name(log.name + ".1"))
            with log.open("r+b") as handle:
                handle.truncate(0)
    except OSError:
        # Not there yet, or no room for a copy: a log is not worth a crash.
        return
