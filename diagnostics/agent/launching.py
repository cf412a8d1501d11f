"""Runs a command as the launch, as if nobody were between it and whoever started it.

Its output passes through unchanged, signals are handed on, its exit code is ours. It runs in a process group of its
own, so that whoever signals us reaches it once and not twice.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence

from diagnostics.agent import foreground, process_tree
from diagnostics.agent.output import OnLine, PassThrough

FORWARDED = tuple(
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT")
)
NOT_FOUND, NOT_EXECUTABLE = 127, 126
# After the child is gone, how long its last words may take through the pipe.
_DRAIN = 1.0
_COPY = "import os\nwhile True:\n d=os.read(0,65536)\n if not d:break\n while d:d=d[os.write(1,d):]"


class CannotStart(Exception):
    """The command does not run: ``code`` is what a shell would exit with."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Launch:
    """A running child. ``start_time`` is ns since the epoch, on a clock that never steps (``now``).

    ``changed`` is set, with ``exited``, when it ends. ``own_session`` takes it off the terminal for good, so that it
    may be left behind. Raises CannotStart.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_line: OnLine,
        changed: threading.Event,
        own_session: bool = False,
    ) -> None:
        self.exited = threading.Event()
        self._changed = changed
        self.exit_time: Optional[int] = None
        self._offset = time.time_ns() - time.monotonic_ns()
        self._terminal = None if own_session else foreground.terminal()
        self.start_time = self.now()
        self._process = _started(command, environment, own_session)
        self.pid = self._process.pid
        self.streams = [
            PassThrough(source, pipe.fileno(), target, on_line, self.now)
            for source, pipe, target in (("stdout", self._process.stdout, 1), ("stderr", self._process.stderr, 2))
            if pipe is not None
        ]
        for stream in self.streams:
            _roomy(stream.pipe)
        if self._terminal is not None:
            foreground.give(self._terminal, self.pid)
        self._watcher = threading.Thread(target=self._watch, name="child", daemon=True)

    def now(self) -> int:
        return time.monotonic_ns() + self._offset

    def start(self) -> None:
        """Begin to pass output on. Separate from the constructor, so that the receiver of lines may know the launch."""
        for stream in self.streams:
            stream.start()
        self._watcher.start()

    def signal(self, number: int) -> None:
        # It stays a zombie until ``finish``, so its number cannot have become another's.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def stop(self, grace: float) -> None:
        """SIGTERM to the child, then to what it leaves behind; after ``grace`` seconds SIGKILL to all of its group."""
        if self._process.returncode is not None:
            return
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        deadline = time.monotonic() + grace
        if self.exited.wait(grace):
            self._signal_group(signal.SIGTERM)
        while process_tree.members(self.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        self._signal_group(signal.SIGKILL)
        self.exited.wait()

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def finish(self) -> int:
        """After ``exited``: the last output, then the exit code, 128 + n for signal n as shells have it.

        Whatever the child left running keeps its output: a small copier takes over from us.
        """
        deadline = time.monotonic() + _DRAIN
        drained = [stream.join(max(0.0, deadline - time.monotonic())) for stream in self.streams]
        if not all(drained):
            self.hand_over()
        if self._terminal is not None:
            foreground.give(self._terminal, os.getpgrp())
        code = self._process.wait()
        return 128 - code if code < 0 else code

    def hand_over(self) -> None:
        """Leave the child alone with its output: from here on a copier of a few kB passes it on instead of us."""
        for stream, target in zip(self.streams, (1, 2)):
            stream.let_go()
            if not stream.ended:
                _copier(stream.pipe, target)
        if self._terminal is not None:
            foreground.give(self._terminal, os.getpgrp())

    def _watch(self) -> None:
        while True:
            found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
            if found is None or found.si_code not in (os.CLD_STOPPED, os.CLD_TRAPPED):
                break
            os.waitid(os.P_PID, self.pid, os.WSTOPPED)
            if self._terminal is not None and found.si_status != signal.SIGSTOP:
                foreground.stop_together(self._terminal, self.pid)
        self.exit_time = self.now()
        self.exited.set()
        self._changed.set()


def _started(command: Sequence[str], environment: Mapping[str, str], own_session: bool) -> "subprocess.Popen[bytes]":
    options: Dict[str, Any] = {"start_new_session": True} if own_session else {"preexec_fn": os.setpgrp}
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL if own_session and os.isatty(0) else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            bufsize=0,
            **options,
        )
    except FileNotFoundError:
        raise CannotStart(f"{command[0]}: command not found", NOT_FOUND) from None
    except OSError as error:
        raise CannotStart(f"{command[0]} cannot be run: {error.strerror}", NOT_EXECUTABLE) from None


def _roomy(pipe: int) -> None:
    """A larger pipe: a child that prints much is held up less by us than by most readers."""
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(pipe, getattr(fcntl, "F_SETPIPE_SZ", 1031), 1 << 20)


def _copier(pipe: int, target: int) -> None:
    cat = shutil.which("cat")
    command: List[str] = [cat] if cat else [sys.executable, "-I", "-S", "-c", _COPY]
    subprocess.Popen(command, stdin=pipe, stdout=target, stderr=subprocess.DEVNULL, start_new_session=True)


@contextlib.contextmanager
def forwarding(receive: Callable[[int], None]) -> Iterator[None]:
    """Inside, signals to this process go to ``receive``. Those it was told to ignore (``nohup``) stay ignored."""
    before = {number: signal.getsignal(number) for number in FORWARDED}
    mine = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in mine:
        signal.signal(number, lambda got, _frame: receive(got))
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, before[number] or signal.SIG_DFL)
