"""Passes a launch's output on, byte by byte and at once, and cuts a copy of it into lines with their arrival times."""

from __future__ import annotations

import os
import select
import threading
import traceback
from typing import Callable, Iterator, List, Optional, Tuple

from diagnostics.agent.import_time import PREFIX

_CHUNK = 65_536
# A longer line is data, not a message: the rest of it passes through unread.
_MOST_OF_A_LINE = 16_384
# Reading costs about 15 µs a line: these many in a burst, then these many a second, or it would take more of a CPU than
# it may. The others pass through unread.
_BURST, _LINES_PER_SECOND = 3_000, 300

OnLine = Callable[[str, bytes, int, bool], None]  # source, line without its end, arrival (ns), ended by "\n"


class PassThrough:
    """One stream of the child: ``source`` is ``stdout`` or ``stderr``, ``target`` where it goes on to.

    Runs in a thread of its own, so that a reader who stops reading one stream does not hold up the other. ``imports``
    takes Python's import times out of what is passed on: the program did not ask for them.
    """

    def __init__(self, source: str, pipe: int, target: int, on_line: OnLine, clock: Callable[[], int]) -> None:
        self.imports = False
        self.pipe = pipe
        self.ended = False
        self.trouble = ""
        self.unread = 0
        self._allowed, self._looked = float(_BURST), 0
        self._source = source
        self.target = target
        self._lines = Lines()
        self._on_line = on_line
        self._clock = clock
        self._wake, self._waker = os.pipe()
        self._held = b""
        self._reading = True
        self._thread = threading.Thread(target=self._run, name=source, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop_reading(self) -> None:
        """From now on the copy is not read any more, only passed on."""
        self._reading = False

    def join(self, timeout: float) -> bool:
        """Wait for the end of the stream; False if somebody still holds it open."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def let_go(self) -> None:
        """Stop without taking another byte from the pipe, so that somebody else may go on with it."""
        os.write(self._waker, b"x")
        self._thread.join()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self.pipe, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while not any(handle == self._wake for handle, _ in poll.poll()):
            chunk = os.read(self.pipe, _CHUNK)
            if not self._take(chunk):
                break
        self._finish()

    def _take(self, chunk: bytes) -> bool:
        """Pass ``chunk`` on and read it; False at the end of the stream, or if nobody wants it any more."""
        arrived = self._clock()
        if not chunk:
            self.ended = True
            return False
        if not self._pass_on(self._own(chunk)):
            # As without us in between: the next write of the child meets a closed pipe.
            self.ended = True
            os.close(self.pipe)
            return False
        if self._reading:
            self._read(chunk, arrived)
        return True

    def _read(self, chunk: bytes, arrived: int) -> None:
        earned = (arrived - self._looked) / 10**9 * _LINES_PER_SECOND
        self._allowed, self._looked = min(_BURST, self._allowed + earned), arrived
        count = chunk.count(b"\n")
        read = min(count, int(self._allowed))
        try:
            for line, whole in self._lines.feed(chunk, read):
                self._on_line(self._source, line, arrived, whole)
            self.unread += count - read
            self._allowed -= read
        except Exception:  # whatever is wrong with the reading, the program goes on
            self._reading = False
            self.trouble = traceback.format_exc(limit=-2)

    def _finish(self) -> None:
        self._pass_on(self._held)
        self._held = b""
        rest = self._lines.rest()
        if rest and self._reading:
            self._read(b"\n", self._clock())

    def _own(self, chunk: bytes) -> bytes:
        """``chunk`` without import times. Only a line that may still turn out to be one is held back."""
        if not self.imports:
            return chunk
        data = self._held + chunk
        cut = data.rfind(b"\n") + 1
        tail = data[cut:]
        maybe = PREFIX.startswith(tail[: len(PREFIX)])
        self._held = tail if maybe else b""
        whole = data[:cut] if PREFIX in data[:cut] else None
        lines = data[:cut] if whole is None else b"".join(_without_imports(whole))
        return lines + (b"" if maybe else tail)

    def _pass_on(self, data: bytes) -> bool:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.target, view) :]
            except BlockingIOError:
                select.select([], [self.target], [])
            except OSError:
                return False
        return True


def _without_imports(data: bytes) -> Iterator[bytes]:
    return (line for line in data.splitlines(keepends=True) if not line.startswith(PREFIX))


class Lines:
    """Cuts a stream into lines. A progress bar, redrawn with ``\\r``, gives a line per state, not ended by ``\\n``."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, chunk: bytes, most: int) -> Iterator[Tuple[bytes, bool]]:
        """The lines that ``chunk`` completes, at most ``most`` of them: what comes behind those is dropped."""
        *pieces, self._rest = (self._rest + chunk).split(b"\n", most) if most else [self._rest + chunk]
        dropped = self._rest.rfind(b"\n") + 1
        for piece in pieces:
            if self._skipping:
                self._skipping = False
            else:
                yield from _states(piece[:_MOST_OF_A_LINE])
        if dropped:
            self._rest, self._skipping = self._rest[dropped:], False
        if len(self._rest) > _MOST_OF_A_LINE:
            if not self._skipping:
                yield from _states(self._rest[:_MOST_OF_A_LINE])
            self._rest, self._skipping = b"", True

    def rest(self) -> Optional[bytes]:
        """What the stream ended with, if it did not end a line."""
        return self._rest[:_MOST_OF_A_LINE] if self._rest and not self._skipping else None


def _states(piece: bytes) -> List[Tuple[bytes, bool]]:
    states = [state for state in piece.rstrip(b"\r").split(b"\r") if state]
    return [(state, n == len(states)) for n, state in enumerate(states, 1)] or [(b"", True)]
