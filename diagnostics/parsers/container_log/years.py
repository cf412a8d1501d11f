"""The year in which a log begins whose stamps have none (``INFO 04-17 08:59:09``, ``I0611 06:50:09``, ``Nov  3 …``)."""

from __future__ import annotations

from collections import deque

from diagnostics.agent.log_pieces import pieces
from diagnostics.agent.stamps import NS, Calendar
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.source import Source

_TAIL = 200
_DAY = 24 * 3600 * NS


def first_year(source: Source, hints: Hints, ahead: Calendar, first: int) -> int | None:
    """The year of the first stamp without one, ``None`` if the log's beginning needs none.

    ``ahead`` has read the beginning and put its first stamp at ``first`` (ns). Where no dated stamp stood near, the
    file's end decides: it was written before the file arrived, so a log from November to February that arrives in
    December began the year before.
    """
    year = ahead.first_year
    if year is None or ahead.is_anchored:
        return year
    calendar = Calendar(hints.received_at, hints.zone)
    rows = deque(source.lines(), maxlen=_TAIL)
    last = next((piece.time for _, piece in reversed([*pieces(rows, calendar)]) if piece.time is not None), None)
    if last is None or not calendar.without_year:
        return year
    if last > hints.received_at + _DAY:
        last -= 365 * _DAY
    return year - 1 if first > last + _DAY else year
