"""``sadf -d`` and ``-dh`` (database) and ``-p`` (a value a line).

# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle
vm;1;2026-11-23 11:14:53 UTC;-1;58.29;0.00;30.65;2.51;0.00;8.54
vm;-1;2026-11-23 11:15:41 UTC;LINUX-RESTART	(2 CPU)
vm;-1;2026-11-23 11:15:37 UTC;COM deploy

vm	1	2026-11-23 11:14:53 UTC	all	%user	58.29
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from diagnostics.parsers.sadf.horizontal import Side, sides_of, split_sides
from diagnostics.parsers.sadf.samples import Samples, number
from diagnostics.parsers.source import Source
from diagnostics.parsers.sysstat_columns import IRQ, Activity, Column, plain_name
from diagnostics.parsers.sysstat_headers import PRODUCT, activity_at, column_of, knows
from diagnostics.records import Event, SampleSeries

_RESTART = re.compile(r"LINUX-RESTART(?:\s+\((\d+) CPU\))?")
# What -p writes in front of a number, by group; the other formats have the number alone.
_PREFIXES = {"battery": "BAT", "tty": "ttyS", "fan": "fan", "temperature": "temp", "voltage": "in", "usb": "bus"}
_INTERRUPT = re.compile(r"i\d{3,}")  # of -p
_AT_THE_END = re.compile(r"\d[.,](\d*)\s*$")
_HEADER = ("hostname", "interval", "timestamp")


def is_cut(row: str, before: str) -> bool:
    """Whether the last row of a file ends within a number: with fewer decimals than a row before it, of the same."""
    return _decimals(row) < _decimals(before)


def _decimals(row: str) -> int:
    found = _AT_THE_END.search(row)
    return len(found[1]) if found else 0


@dataclass(slots=True)
class Reader:
    """The state of reading line by line; ``sides`` are the sections of the header that holds now."""

    samples: Samples
    sides: list[Side] | None = None
    last: int | None = None
    last_row: str = ""


def with_end(lines: Iterator[str]) -> Iterator[tuple[int, str, bool]]:
    """Lines with their numbers, and whether it is the last."""
    held = next(lines, None)
    number = 1
    for number, line in enumerate(lines, 2):
        if held is not None:
            yield number - 1, held, False
        held = line
    if held is not None:
        yield number, held, True


def read_database(source: Source, samples: Samples) -> Iterator[Event | SampleSeries]:
    reader = Reader(samples)
    for line, text, is_end in with_end(source.lines()):
        samples.tally.total = line
        if text.startswith("#"):
            names = [name.strip() for name in text.lstrip("# ").split(";")]
            reader.sides = sides_of(names[3:]) if tuple(names[:3]) == _HEADER else None
            reader.last, reader.last_row = None, ""
            if reader.sides is None:
                samples.tally.skip(line, text)
        elif (is_end and is_cut(text, reader.last_row)) or (text.strip() and not _database_row(reader, text, line)):
            samples.tally.skip(line, text)
        if line % 1000 == 0:
            yield from samples.take()


def _database_row(reader: Reader, text: str, line: int) -> bool:
    samples = reader.samples
    parts = text.split(";")
    time = samples.clock.read(parts[2].strip(), reader.last) if len(parts) > 3 else None
    if time is None:
        return False
    if _mark(samples, time, ";".join(parts[3:]), line):
        return True
    found = split_sides(reader.sides, parts[3:]) if reader.sides else None
    if found is None:
        return False
    reader.last, reader.last_row = time, text
    samples.host = samples.host or parts[0]
    samples.interval(parts[1])
    are_numbers = [_add(samples, time, side, words) for side, words in found]
    return all(are_numbers)


def _add(samples: Samples, time: int, side: Side, words: list[str]) -> bool:
    """Whether every word that should be a number is one."""
    key = ":".join(words[place] for place in side.keys)
    # Under ``CPU*`` only the first value, that of all CPUs, is sure to be whose: CPUs that are off leave no gap.
    values = [(column, number(words[place])) for place, column in side.columns]
    known = [(column, value) for column, value in values if value is not None]
    samples.add(time, side.activity, _instance(side, key), known)
    return len(known) == len(values)


def _instance(side: Side, key: str) -> str:
    """``-1`` is all CPUs, or the sum of all interrupts."""
    if key != "-1":
        return key
    return "sum" if side.activity is IRQ else "all"


def _mark(samples: Samples, time: int, text: str, line: int) -> bool:
    """Whether the line is a restart or a comment, and no row."""
    if restart := _RESTART.match(text):
        samples.restart(time, line, int(restart[1]) if restart[1] else None)
        return True
    if text.startswith("COM "):
        samples.comment(time, line, text[4:].strip())
        return True
    return False


@dataclass(slots=True)
class Pairs:
    """Columns and values of one key at one stamp; ``lines`` are those they come from."""

    stamp: str
    key: str
    columns: list[str]
    words: list[str]
    lines: list[int]


def read_pairs(source: Source, samples: Samples) -> Iterator[Event | SampleSeries]:
    held: Pairs | None = None
    known: dict[str, str] = {}  # a row of each column
    for line, text, is_end in with_end(source.lines()):
        samples.tally.total = line
        parts = text.split("\t")
        if is_end and len(parts) >= 6 and is_cut(text, known.get(parts[4], "")):
            samples.tally.skip(line, text)
        elif len(parts) >= 6 and parts[1].lstrip("-").isdigit():
            stamp, key, column, word = parts[2].strip(), parts[3], parts[4], "\t".join(parts[5:])
            if held is None or (held.stamp, held.key) != (stamp, key):
                _add_pairs(samples, held)
                held = Pairs(stamp, key, [], [], [])
                samples.host = samples.host or parts[0]
                samples.interval(parts[1])
            known[column] = text
            held.columns.append(column)
            held.words.append(word.strip())
            held.lines.append(line)
        elif text.strip() and not _pair_mark(samples, parts, line):
            samples.tally.skip(line, text)
        if line % 1000 == 0:
            yield from samples.take()
    _add_pairs(samples, held)


def _pair_mark(samples: Samples, parts: list[str], line: int) -> bool:
    time = samples.clock.read(parts[2].strip()) if len(parts) > 3 else None
    return time is not None and _mark(samples, time, "\t".join(parts[3:]), line)


def _add_pairs(samples: Samples, held: Pairs | None) -> None:
    """Rows without headers: a column that its section does not know, or has had, begins another section."""
    if held is None:
        return
    time = samples.clock.read(held.stamp)
    if time is None:
        samples.tally.skip(held.lines[0], held.stamp)
        samples.tally.skipped += len(held.lines) - 1
        return
    for section in _sections(tuple(held.columns), held.key != "-"):
        _add_section(samples, time, section, held)


class Section(NamedTuple):
    """A section among the columns of a key: where it lies, and what each of its columns holds."""

    activity: Activity
    part: slice
    columns: tuple[Column | None, ...]


# Every sample has the same columns, so the same sections.
@lru_cache(maxsize=1024)
def _sections(names: tuple[str, ...], is_keyed: bool) -> tuple[Section, ...]:
    sections, begin = [], 0
    while begin < len(names):
        activity = activity_at(names[begin:], is_keyed)
        end = _end_of_section(activity, names, begin)
        columns = tuple(column_of(activity, name) for name in names[begin:end])
        sections.append(Section(activity, slice(begin, end), columns))
        begin = end
    return tuple(sections)


def _end_of_section(activity: Activity, columns: Sequence[str], begin: int) -> int:
    seen = {columns[begin]}
    for place in range(begin + 1, len(columns)):
        if columns[place] in seen or not knows(activity, plain_name(columns[place])):
            return place
        seen.add(columns[place])
    return len(columns)


def _add_section(samples: Samples, time: int, section: Section, held: Pairs) -> None:
    activity, part, columns = section
    key = "" if held.key == "-" else held.key
    prefix = _PREFIXES.get(activity.group, "cpu")
    if activity is not IRQ and key.removeprefix(prefix).isdigit():
        key = key.removeprefix(prefix)
    elif activity is IRQ and _INTERRUPT.fullmatch(key):
        key = str(int(key[1:]))
    if activity.group == "usb":
        words = dict(zip(held.columns[part], held.words[part], strict=True))
        key = ":".join([key, *(words.get(word, "") for word in PRODUCT)])
    values: list[tuple[Column, float]] = []
    for place, (column, word) in enumerate(zip(columns, held.words[part], strict=True), part.start):
        value = number(word)
        if column is not None and value is not None:
            values.append((column, value))
        elif column is not None:
            samples.tally.skip(held.lines[place], f"{held.columns[place]}\t{word}")
    samples.add(time, activity, key, values)
