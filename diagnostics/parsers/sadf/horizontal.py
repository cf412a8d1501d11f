"""The header of ``sadf -d``, and of ``-dh``, in which all sections stand side by side.

    # hostname;interval;timestamp;DEV;tps;rkB/s;wkB/s;IFACE;rxpck/s;txpck/s[...]
    vm;1;2026-11-23 11:14:53 UTC;vda;2094.06;48855.45;142.57;lo;2462.38;2462.38;eth0;0.00;0.00

``[...]`` after a section says that its columns are there once for each device. Where one ends and the next begins is
found from the number of words and from what keys look like; a row that can be read in two ways is not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from diagnostics.parsers.sysstat_columns import IRQ, Activity, Column, plain_name
from diagnostics.parsers.sysstat_headers import KEYS, PRODUCT, activity_at, activity_of, column_of, is_known, knows

REPEATED = "[...]"
MOST_CPUS = 1_026
_DISK = re.compile(
    r"(?:sd|vd|xvd|hd|nvme|dm-|md|dev\d|loop|sr|mmcblk|ram|zram|nbd|rbd|drbd|cciss|asm|fd|pmem|dasd|emcpower|mpath)"
)
_NUMBERED = re.compile(r"-?\d+$")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?$")
_INTERRUPT = re.compile(r"sum$|-1$|\d+$|[A-Z]{3}$")


@dataclass(frozen=True, slots=True)
class Side:
    """One section of a header: places among its own words. ``key`` is the name of its key column, if it has one."""

    activity: Activity
    key: str
    keys: tuple[int, ...]
    columns: tuple[tuple[int, Column], ...]
    width: int
    is_repeated: bool
    is_open: bool  # more words than names may follow: one for each CPU


Words = list[tuple[Side, list[str]]]


def sides_of(names: Sequence[str]) -> list[Side]:
    """The sections of a header, the first three names of it taken off."""
    sides, at = [], 0
    while at < len(names):
        end = at + _length(names[at:])
        sides.append(_side(names[at:end]))
        at = end
    return sides


def _length(names: Sequence[str]) -> int:
    """How many of these names are of the section that begins with the first."""
    plain = [name.removesuffix(REPEATED) for name in names]
    # Manufacturer and product stand before the key of a USB device, the one section whose key is not first.
    keyed = 3 if plain[:2] == ["manufact", "product"] else int(plain[0] in KEYS)
    after = plain[keyed:]
    own = after[: next((place for place, name in enumerate(after) if name in KEYS), len(after))]
    activity = activity_of(plain[keyed - 1], own) if keyed else activity_at(own, is_keyed=False)
    for place in range(max(keyed, 1), len(names)):
        is_others = not knows(activity, plain_name(plain[place])) and is_known(plain[place])
        if names[place - 1].endswith(REPEATED) or plain[place] in KEYS or plain[place] in plain[:place] or is_others:
            return place
    return len(names)


def _side(part: Sequence[str]) -> Side:
    names = [name.removesuffix(REPEATED) for name in part]
    if {"manufact", "product", "BUS"} <= set(names):
        # The header names them first, the rows have them last.
        names = [name for name in names if name not in ("manufact", "product")] + ["manufact", "product"]
    key = next((name for name in names if name in KEYS), "")
    activity = activity_of(key or None, [name for name in names if name != key])
    keys = tuple(place for place, name in enumerate(names) if name == key or name in PRODUCT)
    is_open = "CPU*" in names
    columns = [
        (place, Column("irq.intr") if name == "CPU*" else column_of(activity, name))
        for place, name in enumerate(names)
        if place not in keys
    ]
    known = tuple((place, column) for place, column in columns if column is not None)
    return Side(activity, key, keys, known, len(names), part[-1].endswith(REPEATED), is_open)


def split_sides(sides: list[Side], words: list[str]) -> Words | None:
    """Which words belong to which section, once for each of its keys; ``None`` when that cannot be told."""
    found = _split(sides, words)
    if found is None and any(side.key == "TTY" for side in sides):
        found = _split([_with_key_before_each(side) if side.key == "TTY" else side for side in sides], words)
    return found


def _with_key_before_each(side: Side) -> Side:
    """Until 11.6 a row of a serial line has its number before each of its values."""
    columns = tuple((2 * place - 1, column) for place, column in side.columns)
    return replace(side, columns=columns, width=2 * side.width - 2)


def _split(sides: list[Side], words: list[str]) -> Words | None:
    if len(sides) == 1 and not sides[0].is_repeated:
        (side,) = sides
        fits = len(words) == side.width or (side.is_open and len(words) > side.width)
        return [(side, words)] if fits else None
    widths = range(2, MOST_CPUS) if any(side.is_open for side in sides) else (0,)
    found: list[tuple[list[Side], tuple[int, ...]]] = []
    for width in widths:
        tried = [replace(side, width=width) if side.is_open else side for side in sides]
        found += [(tried, counts) for counts in _counts(tuple(tried), tuple(words))]
        if len(found) > 1:
            return None
    return _cut(found[0][0], words, found[0][1]) if found else None


def _cut(sides: list[Side], words: list[str], counts: Sequence[int]) -> Words:
    found, at = [], 0
    for side, count in zip(sides, counts, strict=True):
        for _ in range(count):
            found.append((side, words[at : at + side.width]))
            at += side.width
    return found


def _counts(sides: tuple[Side, ...], words: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """How often each section may be there: the ways in which all words are used and keys look like keys."""

    @cache
    def ways(place: int, at: int) -> tuple[tuple[int, ...], ...]:
        if place == len(sides):
            return ((),) if at == len(words) else ()
        side, found = sides[place], []
        for count in range(1, (len(words) - at) // side.width + 1 if side.is_repeated else 2):
            begin = at + (count - 1) * side.width
            if (
                begin + side.width > len(words)
                or not _are_values(side, words[begin + 1 : begin + side.width])
                or not _is_key(side, words[begin], words[at : begin : side.width])
            ):
                break
            found += [(count, *rest) for rest in ways(place + 1, at + count * side.width)]
            # Two readings are enough to know that there is more than one.
            if len(found) > 1:
                break
        return tuple(found)

    return ways(0, 0)


def _are_values(side: Side, words: Sequence[str]) -> bool:
    """Whether words can be the values of as many CPUs: those have decimals, a next key has none."""
    return not side.is_open or not any(_NUMBERED.match(word) for word in words)


def _is_key(side: Side, word: str, before: Sequence[str]) -> bool:
    """Whether a word can be the next key of a section that has had those before."""
    if not side.key:
        return True
    if word in before:
        return False
    if side.key in ("CPU", "TTY", "BUS", "FAN", "TEMP", "IN", "BAT"):
        return bool(_NUMBERED.match(word)) and (not before or int(word) > int(before[-1]))
    if side.activity is IRQ:
        return bool(_INTERRUPT.match(word))
    if side.key == "DEV":
        return bool(_DISK.match(word))
    if side.key == "IFACE":
        return not _DISK.match(word) and not _NUMBER.match(word)
    return word.startswith("/") if side.key in ("FILESYSTEM", "MOUNTPOINT") else not _NUMBER.match(word)
