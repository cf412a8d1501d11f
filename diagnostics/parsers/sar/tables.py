"""Rows of one section that are all as long, read as a table of characters: all their numbers at once.

    11:14:53        all     58.29      0.00     30.65      2.51      0.00      8.54
    11:14:53          0     68.00      0.00     22.00      0.00      0.00      8.00

Numbers lie right-aligned in columns that a blank separates in every row, with the decimal point in one place, as sar
prints them. What does not is left to be read word by word; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
import numpy.typing as npt

from diagnostics.parsers.sar.plan import Plan
from diagnostics.parsers.sar.stamps import seconds_of

Characters = npt.NDArray[np.uint8]
Places = npt.NDArray[np.bool_]
_BLANK, _POINT, _MINUS, _NEWLINE = (ord(char) for char in " .-\n")
_ZERO = np.uint8(ord("0"))
MOST_DIGITS = 15  # of a number that a float holds exactly
AT_ONCE = 64  # rows
SMALL_PRODUCT = 200_000  # multiplications


@dataclass(slots=True)
class Table:
    """``seconds`` since midnight of each sample, in which each of ``keys`` has a row; ``values``: rows × columns."""

    seconds: list[int]
    keys: list[str]
    values: npt.NDArray[np.float64]


@dataclass(slots=True)
class Layout:
    """Where the words of a section lie: found once for each length of its lines, widened as longer numbers come."""

    used: Places  # by column of characters
    key: tuple[int, int]
    values: list[tuple[int, int]]
    ends: list[int]  # of every word
    first: int  # where the numbers begin; what follows counts from there
    points: list[int]
    weights: npt.NDArray[np.float64]
    scales: npt.NDArray[np.float64]


def read_table(plan: Plan, rows: str) -> Table | None:
    """The rows as a table, or ``None`` when they are not one."""
    if plan.has_words or not rows.isascii() or (grid := _grid(rows.encode().replace(b",", b"."))) is None:
        return None
    filled = grid > _BLANK  # a newline is none
    layout = _layout(plan, grid, filled)
    # As many words as fields, and a word at the end of every field, leaves one word to each.
    if layout is None or not filled[:, layout.ends].all() or _words(filled) != len(layout.ends) * len(grid):
        return None
    keys = _keys(grid, layout.key) if plan.keys else [""]
    seconds = _seconds(grid[:: len(keys)], layout.ends[plan.stamp_tokens - 1] + 1) if keys else None
    values = _values(grid[:, layout.first :], filled[:, layout.first :], layout)
    if keys is None or seconds is None or values is None:
        return None
    return Table(seconds, keys, values if plan.factors is None else values * plan.factors)


def _grid(content: bytes) -> Characters | None:
    """One row of characters for each line, its newline last, when all lines are as long."""
    length = content.find(b"\n") + 1 or len(content) + 1
    if (len(content) + 1) % length:
        return None
    grid = np.frombuffer(content + b"\n", np.uint8).reshape(-1, length)
    is_even = bool((grid[:, -1] == _NEWLINE).all()) and np.count_nonzero(grid == _NEWLINE) == len(grid)
    return grid if is_even else None


def _words(filled: Places) -> int:
    """How many words there are; the first begins at the first character."""
    flat = filled.reshape(-1)
    return int(np.count_nonzero(flat[1:] > flat[:-1])) + int(flat[0])


def _any(places: Places) -> Places:
    """``places.any(axis=0)``, which is slow row by row for rows as short as these: many rows at a time."""
    rows, width = places.shape
    whole = rows - rows % AT_ONCE
    if not whole:
        return cast(Places, places.any(axis=0))
    lines = places[:whole].reshape(-1, AT_ONCE * width).any(axis=0).reshape(AT_ONCE, width)
    return cast(Places, lines.any(axis=0) | places[whole:].any(axis=0))


def _layout(plan: Plan, grid: Characters, filled: Places) -> Layout | None:
    used = _any(filled)
    known: Layout | None = plan.layouts.get(len(used))
    if known is not None and not (used > known.used).any():
        return known
    found = _new_layout(plan, grid, used if known is None else used | known.used)
    if found is not None:
        plan.layouts[len(used)] = found
    return found


def _new_layout(plan: Plan, grid: Characters, used: Places) -> Layout | None:
    edges = (np.flatnonzero(used[1:] != used[:-1]) + 1).tolist()
    bounds = [0, *edges]  # the last edge is the newline's
    fields = list(zip(bounds[::2], bounds[1::2], strict=False))
    if len(bounds) % 2 or not used[0] or len(fields) != plan.stamp_tokens + plan.width or not plan.columns:
        return None
    stamped = fields[plan.stamp_tokens :]
    first = stamped[plan.columns[0][0]][0]
    values = [(begin - first, end - first) for begin, end in (stamped[place] for place, _ in plan.columns)]
    points = np.flatnonzero((grid[:, first:] == _POINT).all(axis=0)).tolist()
    if not all(_is_number(field, points) for field in values):
        return None
    weights, scales = _weights(values, points, len(used) - first)
    return Layout(used, stamped[0], values, [end - 1 for _, end in fields], first, points, weights, scales)


def _is_number(field: tuple[int, int], points: list[int]) -> bool:
    begin, end = field
    return end - begin <= MOST_DIGITS and sum(begin <= place < end for place in points) <= 1


def _weights(
    fields: list[tuple[int, int]], points: list[int], width: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    weights, scales = np.zeros((width, len(fields))), np.ones(len(fields))
    for column, (begin, end) in enumerate(fields):
        decimals = next((end - 1 - place for place in points if begin <= place < end), 0)
        scales[column] = 10.0**decimals
        places = [place for place in range(end - 1, begin - 1, -1) if place not in points]
        weights[places, column] = 10.0 ** np.arange(len(places))
    return weights, scales


def _keys(grid: Characters, field: tuple[int, int]) -> list[str] | None:
    """The keys of one sample, when every sample has the same."""
    begin, end = field
    period = _period(grid[:, :begin])
    if len(grid) % period:
        return None
    heads = np.ascontiguousarray(grid[:, :end]).reshape(-1, period * end)
    other_keys = _any(heads != heads[0]).reshape(period, end)[:, begin:]
    other_stamps = (heads[:, end:] != heads[:, :-end]).any(axis=0).reshape(-1, end)[:, :begin]
    if other_keys.any() or other_stamps.any():
        return None
    keys = _names(grid[:period, begin:end].tobytes(), end - begin)
    return keys if len(set(keys)) == period else None


@lru_cache(maxsize=256)
def _names(cells: bytes, width: int) -> list[str]:
    return [cells[begin : begin + width].decode().strip() for begin in range(0, len(cells), width)]


def _period(stamps: Characters) -> int:
    """How many rows the first sample has."""
    rows = AT_ONCE
    while True:
        different = (stamps[:rows] != stamps[0]).any(axis=1)
        if different.any():
            return int(different.argmax())
        if rows >= len(stamps):
            return len(stamps)
        rows *= 8


def _seconds(grid: Characters, width: int) -> list[int] | None:
    cells = np.ascontiguousarray(grid[:, :width]).view(f"S{width}").reshape(-1)
    return seconds_of([cell.decode() for cell in cells.tolist()])


def _values(cells: Characters, filled: Places, layout: Layout) -> npt.NDArray[np.float64] | None:
    digits = cells - _ZERO
    is_digit = digits < 10
    others = is_digit != filled
    marked = np.flatnonzero(_any(others)).tolist()
    if not (cells[:, layout.points] == _POINT).all() or {end - 1 for _, end in layout.values} & set(marked):
        return None
    signs = [place for place in marked if place not in layout.points]
    if not all(_are_signs(cells, others, place) for place in signs):
        return None
    digits *= is_digit
    # Sums of digits are whole numbers below 2^53: dividing them by a power of ten rounds as reading the text would.
    values = _products(digits, layout.weights)
    values /= layout.scales
    return _signed(values, cells, layout.values) if signs else values


def _are_signs(cells: Characters, others: Places, place: int) -> bool:
    """Whether what is no digit here is a minus that begins a number."""
    where = others[:, place]
    return bool((cells[where, place] == _MINUS).all() and (not place or (cells[where, place - 1] == _BLANK).all()))


def _products(digits: Characters, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """``digits @ weights``, a few rows at a time: so small that BLAS starts no threads, which would wait for a core."""
    width, columns = weights.shape
    rows = max(16, SMALL_PRODUCT // (width * columns * (1 if columns > 1 else 25)))
    products = np.empty((len(digits), columns))
    for begin in range(0, len(digits), rows):
        np.matmul(digits[begin : begin + rows].astype(np.float64), weights, out=products[begin : begin + rows])
    return products


def _signed(
    values: npt.NDArray[np.float64], cells: Characters, fields: list[tuple[int, int]]
) -> npt.NDArray[np.float64]:
    minus = cells == _MINUS
    for column, (begin, end) in enumerate(fields):
        values[minus[:, begin:end].any(axis=1), column] *= -1
    return values
