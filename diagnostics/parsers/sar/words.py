"""Rows of one section that are not all as long, as where a name or a number is too wide for its column.

00:10:01      dev8-0      0.45      0.01      3.12      6.90
00:10:01   dev253-104 123456.78      0.01      3.12      6.90
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from diagnostics.parsers.sar.plan import Plan
from diagnostics.parsers.sar.stamps import seconds_of

Rows = tuple[list[int], Sequence[str], list[tuple[float, ...]]]


def read_words(plan: Plan, rows: str) -> Rows | None:
    """Seconds since midnight, key and values of each row; ``None`` when a row has another number of words."""
    words, width = rows.split(), plan.stamp_tokens + plan.width
    if plan.has_words or len(words) != width * (rows.count("\n") + 1):
        return None
    # A row with a word too many, made up for by one with too few, begins with something else than a stamp.
    stamps = words[::width]
    if plan.stamp_tokens > 1:
        stamps = [" ".join(words[begin : begin + plan.stamp_tokens]) for begin in range(0, len(words), width)]
    seconds = seconds_of(stamps)
    columns = _columns(plan, words, width)
    if seconds is None or columns is None:
        return None
    keys = words[plan.stamp_tokens + plan.keys[0] :: width] if plan.keys else [""] * len(seconds)
    return seconds, keys, list(zip(*columns, strict=True))


def _columns(plan: Plan, words: list[str], width: int) -> list[list[float]] | None:
    columns = []
    for place, column in plan.columns:
        written = words[plan.stamp_tokens + place :: width]
        try:
            values = [float(word.replace(",", ".")) for word in written]
        except ValueError:
            return None
        if not all(map(isfinite, values)):
            return None
        columns.append(values if column.factor == 1.0 else [value * column.factor for value in values])
    return columns
