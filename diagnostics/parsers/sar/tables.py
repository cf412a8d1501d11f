"""Rows of one section that are all as long, read as a table of characters: all their numbers at once.

    11:14:53        all     58.29      0.00     30.65      2.51      0.00      8.54
    11:14:53          0     68.00      0.00     22.00      0.00      0.00      8.00

Numbers lie right-aligned in columns that a blank separates in every row, with the decimal point in one place, as sar
prints them. What does not is left to be read word by word; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diagnostics.parsers.sar.plan import Plan

Characters = npt.NDArray[np.uint8]
_BLANK, _POINT, _MINUS, _COLON, _NEWLINE, _ZERO = (ord(char) for char in " .-:\n0")
MOST_DIGITS = 15  # of a number that a float holds exactly
_AT_NOON, _A, _P = 12 * 3600, ord("A"), ord("P")


@dataclass(slots=True)
class Table:
    """``seconds`` since midnight of each sample, in which each of ``keys`` has a row; ``values``: rows × columns."""

    seconds: list[int]
    keys: list[str]
    values: npt.NDArray[np.float64]


def read_table(plan: Plan, rows: str) -> Table | None:
    """The rows as a table, or ``None`` when they are not one."""
    if plan.has_words or not rows.isascii() or (characters := _grid(rows.encode())) is None:
        return None
    fields = _fields(characters)
    if fields is None or len(fields) != plan.stamp_tokens + plan.width:
        return None
    keys = _keys(characters, fields[: plan.stamp_tokens + 1]) if plan.keys else [""]
    seconds = _seconds(characters[:: len(keys)], plan.stamp_tokens) if keys else None
    values = _values(characters, [fields[plan.stamp_tokens + place] for place, _ in plan.columns])
    if keys is None or seconds is None or values is None:
        return None
    return Table(seconds, keys, values if plan.factors is None else values * plan.factors)


def _grid(content: bytes) -> Characters | None:
    """One row of characters for each line, when all lines are as long."""
    length = content.find(b"\n") + 1 or len(content) + 1
    if (len(content) + 1) % length:
        return None
    characters = np.frombuffer(content + b"\n", np.uint8).reshape(-1, length)
    is_even = bool((characters[:, -1] == _NEWLINE).all()) and content.count(b"\n") + 1 == len(characters)
    return characters[:, :-1] if is_even else None


def _fields(characters: Characters) -> list[tuple[int, int]] | None:
    """Where each word lies, right-aligned, when every row has one word in each place and none besides."""
    filled = characters != _BLANK
    used = filled.any(axis=0)
    edges = np.flatnonzero(used[1:] != used[:-1]) + 1
    places = [0, *edges.tolist(), characters.shape[1]]
    fields = list(zip(places[::2], places[1::2], strict=False))
    begins = np.count_nonzero(filled[:, 1:] & ~filled[:, :-1]) + len(characters)
    is_regular = begins == len(fields) * len(characters) and filled[:, [end - 1 for _, end in fields]].all()
    return fields if is_regular and used[0] and used[-1] else None


def _seconds(characters: Characters, tokens: int) -> list[int] | None:
    clock = characters[:, :8].astype(np.int64) - _ZERO
    digits = clock[:, (0, 1, 3, 4, 6, 7)]
    if (clock[:, (2, 5)] != _COLON - _ZERO).any() or (digits < 0).any() or (digits > 9).any():
        return None
    seconds: npt.NDArray[np.int64] = digits @ np.array([36_000, 3600, 600, 60, 10, 1])
    hours = digits[:, 0] * 10 + digits[:, 1]
    if (hours > 23).any() or (digits[:, 2] > 5).any() or (digits[:, 4] > 5).any():
        return None
    if tokens > 1:
        marker = characters[:, 9]
        if ((marker != _A) & (marker != _P)).any() or (hours < 1).any() or (hours > 12).any():
            return None
        seconds = seconds % _AT_NOON + np.where(marker == _P, _AT_NOON, 0)
    found: list[int] = seconds.tolist()
    return found


def _keys(characters: Characters, fields: list[tuple[int, int]]) -> list[str] | None:
    """The keys of one sample, when every sample has the same; the fields are those of stamp and key."""
    stamps, cells = _cells(characters, (0, fields[-2][1])), _cells(characters, fields[-1])
    different = np.flatnonzero(stamps != stamps[0])
    period = int(different[0]) if len(different) else len(stamps)
    if len(stamps) % period:
        return None
    stamps, cells = stamps.reshape(-1, period), cells.reshape(-1, period)
    if (cells != cells[0]).any() or (stamps != stamps[:, :1]).any():
        return None
    keys = [cell.decode().strip() for cell in cells[0].tolist()]
    return keys if len(set(keys)) == period else None


def _cells(characters: Characters, field: tuple[int, int]) -> npt.NDArray[np.bytes_]:
    begin, end = field
    return np.ascontiguousarray(characters[:, begin:end]).view(f"S{end - begin}").reshape(-1)


def _values(characters: Characters, fields: list[tuple[int, int]]) -> npt.NDArray[np.float64] | None:
    if not fields:
        return None
    first = fields[0][0]
    cells = characters[:, first:]
    fields = [(begin - first, end - first) for begin, end in fields]
    digits = cells - np.uint8(_ZERO)
    is_digit = digits < 10
    # Neither digit nor blank, or both at once, which no character is.
    others = is_digit == (cells == _BLANK)
    marked = np.flatnonzero(others.any(axis=0)).tolist()
    points = _points(cells, others, marked)
    ends = {end - 1 for _, end in fields}
    if points is None or ends & set(marked) or not all(_is_number(field, points) for field in fields):
        return None
    weights, scales = _weights(fields, points, cells.shape[1])
    digits *= is_digit
    # Sums of digits are whole numbers below 2^53: dividing them by a power of ten rounds as reading the text would.
    values: npt.NDArray[np.float64] = digits.astype(np.float64) @ weights / scales
    return values if len(points) == len(marked) else _signed(values, cells, fields)


def _are_signs(cells: Characters, place: int) -> bool:
    """Whether each minus here begins a number."""
    return place == 0 or bool((cells[cells[:, place] == _MINUS, place - 1] == _BLANK).all())


def _is_number(field: tuple[int, int], points: set[int]) -> bool:
    return field[1] - field[0] <= MOST_DIGITS and sum(field[0] <= place < field[1] for place in points) <= 1


def _points(cells: Characters, others: npt.NDArray[np.bool_], marked: list[int]) -> set[int] | None:
    """The columns of characters that hold the decimal point in every row; ``None`` if one holds it in some."""
    points = set()
    for place in marked:
        column = cells[:, place]
        if (column == _POINT).all():
            points.add(place)
        elif (others[:, place] & (column != _MINUS)).any() or not _are_signs(cells, place):
            return None
    return points


def _weights(
    fields: list[tuple[int, int]], points: set[int], width: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    weights, scales = np.zeros((width, len(fields))), np.ones(len(fields))
    for column, (begin, end) in enumerate(fields):
        decimals = next((end - 1 - place for place in points if begin <= place < end), 0)
        scales[column] = 10.0**decimals
        places = [place for place in range(end - 1, begin - 1, -1) if place not in points]
        weights[places, column] = 10.0 ** np.arange(len(places))
    return weights, scales


def _signed(
    values: npt.NDArray[np.float64], cells: Characters, fields: list[tuple[int, int]]
) -> npt.NDArray[np.float64]:
    minus = cells == _MINUS
    for column, (begin, end) in enumerate(fields):
        values[minus[:, begin:end].any(axis=1), column] *= -1
    return values
