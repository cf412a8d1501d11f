"""Reads a saved log of a launch (``kubectl logs --timestamps``, ``docker logs -t``, CRI, compose, plain) as lines."""

from __future__ import annotations

import gzip
import io
import time
from datetime import timezone, tzinfo
from pathlib import Path
from typing import IO, Iterable, Iterator, List, NamedTuple, Optional, Union

from diagnostics.agent.failure import Failure
from diagnostics.agent.lines import Line
from diagnostics.agent.log_pieces import as_line, pieces
from diagnostics.agent.messages import tr
from diagnostics.agent.stamps import Calendar


class LogOptions(NamedTuple):
    """How to read stamps that do not say all: ``outer_only`` takes the runtime's stamps only (``--timestamps``);
    ``zone`` and ``year`` are for stamps without one; ``year`` is that of the first line."""

    outer_only: bool = False
    zone: tzinfo = timezone.utc
    year: Optional[int] = None


DEFAULTS = LogOptions()


def read_file(path: Union[str, Path], options: LogOptions = DEFAULTS) -> Iterator[Line]:
    """The lines of a log file, plain or gzip; ``-`` is standard input. Raises Failure: no file, or no stamps in it."""
    try:
        with _opened(path) as stream:
            reference = _written(path)
            yield from stamped(io.TextIOWrapper(stream, "utf-8", "replace", newline="\n"), options, reference)
    except OSError as error:
        raise Failure(tr("{path} cannot be read: {reason}", path=path, reason=error.strerror or error)) from None
    except EOFError:
        raise Failure(tr("{path} ends in the middle of its gzip data: fetch it again", path=path)) from None


def stamped(rows: Iterable[str], options: LogOptions, reference: int) -> Iterator[Line]:
    """Lines of text → Lines with times. ``reference`` (ns) is when the log was written or later, for stamps without a
    year. A line without a stamp has the time of the one before it. Raises Failure if there is no stamp at all."""
    calendar = Calendar(reference, options.zone, options.year)
    early: List[Line] = []
    last: Optional[Line] = None
    for number, piece in pieces(rows, calendar, options.outer_only):
        line = as_line(piece, number)
        if line.stamped:
            # What came before the first stamp cannot be placed better than at it.
            yield from (earlier._replace(time=line.time, precision=line.precision) for earlier in early)
            early, last = [], line
            yield line
        elif last is None:
            early.append(line)
        else:
            yield line._replace(time=last.time, precision=last.precision)
    if last is None:
        raise Failure(_without_stamps(options.outer_only) if early else tr("The log is empty"))


def _without_stamps(outer_only: bool) -> str:
    if outer_only:
        return tr("No line begins with the stamp that --timestamps promises: leave it out, or save the log with stamps")
    return tr("No line says when it was written: save the log with `kubectl logs --timestamps` or `docker logs -t`")


def _opened(path: Union[str, Path]) -> IO[bytes]:
    if str(path) == "-":
        return open(0, "rb", closefd=False)
    stream = Path(path).open("rb")  # noqa: SIM115
    if stream.peek(2)[:2] == b"\x1f\x8b":
        return gzip.open(stream, "rb")  # type: ignore[return-value]
    return stream


def _written(path: Union[str, Path]) -> int:
    return time.time_ns() if str(path) == "-" else Path(path).stat().st_mtime_ns
