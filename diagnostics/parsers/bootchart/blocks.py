"""Blocks of ``/proc`` with the time before each, in hundredths of a second since boot."""

from __future__ import annotations

import io
from collections.abc import Callable

from diagnostics.parsers.reading import Tally

TICK = 10_000_000  # ns in a hundredth of a second
LONGEST = 65_536
LATEST = 10**12  # hundredths; 300 years
# Takes the time of the block, ns, and a line of it; answers whether it could be read.
Taker = Callable[[int, str], bool]


def lines_of(stream: io.BufferedReader, take: Taker, tally: Tally) -> None:
    """Every line to its taker; a block whose time cannot be read is counted whole."""
    time: int | None = None
    expects_time = True
    while raw := stream.readline(LONGEST):
        tally.total += 1
        line = raw.decode("utf-8", "replace").strip()
        if not line:
            expects_time = True
        elif expects_time:
            number = line.split(".")[0]
            is_time = number.isascii() and number.isdecimal() and int(number[:20]) < LATEST
            time, expects_time = int(number) * TICK if is_time else None, False
            if time is None:
                tally.skip(tally.total, line)
        elif time is None or not take(time, line):
            tally.skip(tally.total, line)
