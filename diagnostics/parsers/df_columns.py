"""The columns of ``df``, whatever language they are named in, and the values under them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.parsers.df_words import NAMES

# The longest name that fits is meant; some stand for several columns, be it in one language or in two.
_WORDS = sorted(
    ((word, kind) for kind, words in NAMES.items() for word in words.split("|")), key=lambda one: -len(one[0])
)
_BLOCKS = re.compile(
    r"(?P<blocks>\d{1,12})(?P<unit>[KMGTPE]?)(?P<bytes>i?B?)[-‐ ]?[^\W\d_]+\.?"
    r"|(?:(?:[Bb]loc\w*|[Bb]loques|[Bb]locks) (?:de|di|of) |khối-)"
    r"(?P<of>\d{1,12})(?P<of_unit>[KMGTPE]?)(?P<of_bytes>i?B?)(?!\w)"
)
# A header in a language that is not known still says how large its blocks are.
_SOME_BLOCKS = re.compile(r"(?<![\w.])(?P<blocks>\d{1,12})(?P<unit>[KMGTPE]?)(?P<bytes>i?B?)(?![\w%])")
# Most languages put an I before or behind the names of these columns.
_OF_INODES = re.compile(r"(?i:nod)|\s[IİИІ]-?[^\W\d_]+\s.*\s[IİИІ]-?[^\W\d_]+|\w[Iİ]%?\s.*\w[Iİ]%?\s")
_UNITS = {unit: n for n, unit in enumerate("KMGTPEZYRQ", 1)}
# Begun only where blanks begin: a long run of them is looked at once, not once from each of them.
_APART = r"(?<!\s)\s+"
_VALUE = r"(?:-|\d[\d.,]*(?:[kKMGTPEZYRQ]?i?B?|Bi))"
_PATTERNS = {
    "device": r"(?P<device>\S.*?)",
    "type": r"(?P<type>\S+)",
    "file": r"(?P<file>\S+)",
    "mount": r"(?P<mount>\S.*)",
    "used_percent": r"(?P<used_percent>-|\d+(?:[.,]\d+)?%)",
    "inodes_used_percent": r"(?P<inodes_used_percent>-|\d+(?:[.,]\d+)?%)",
}
LIMITLESS = 2**62  # inodes of a file system that makes them as it needs them
_SIZES = {"size": "size_kb", "used": "used_kb", "available": "available_kb"}
_COUNTS = ("inodes", "inodes_used", "inodes_free")


_USUAL = re.compile(
    _APART.join(
        _PATTERNS.get(kind, rf"(?P<{kind}>{_VALUE})")
        for kind in ("device", "size", "used", "available", "used_percent", "mount")
    )
)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a header names. ``unit`` is bytes per block, 0 where the values carry their own."""

    pattern: re.Pattern[str]
    unit: int

    def row(self, text: str, *, is_decimal: bool) -> dict[str, Any] | None:
        """The values of a row, sizes in kB; absent where df wrote ``-``. ``None`` if the text is no row."""
        match = self.pattern.fullmatch(text.strip())
        if match is None:
            return None
        cells = match.groupdict()
        found: dict[str, Any] = {
            key: cells[key].strip() for key in ("device", "type", "file", "mount") if cells.get(key)
        }
        for key, name in _SIZES.items():
            if (size := _bytes(cells.get(key) or "-", self.unit, is_decimal=is_decimal)) is not None:
                found[name] = _tidy(size / 1024)
        for key in _COUNTS:
            if (count := _bytes(cells.get(key) or "-", 1, is_decimal=is_decimal)) is not None:
                found[key] = int(count)
        for key in ("used_percent", "inodes_used_percent"):
            if (cells.get(key) or "-") != "-":
                found[key] = _tidy(float(cells[key].rstrip("%").replace(",", ".")))
        total = found.get("inodes_used", 0) + found.get("inodes_free", LIMITLESS)
        if "inodes" not in found and total < LIMITLESS:
            found["inodes"] = total
        return found


def columns_of(header: str) -> Columns | None:
    """The columns of a header, or ``None`` for another line: it names places and how full they are."""
    kinds, unit = _kinds(header.strip())
    if len(kinds) < 2 or len(set(kinds)) < len(kinds):
        return None
    if not ({"mount", "device"} & set(kinds)) or not (
        {"used_percent", "inodes_used_percent", "available", "used"} & set(kinds)
    ):
        return None
    patterns = [_PATTERNS.get(kind, rf"(?P<{kind}>{_VALUE})") for kind in kinds]
    return Columns(re.compile(_APART.join(patterns)), unit)


def guessed(header: str, row: str) -> Columns | None:
    """The columns of a header in an unknown language, if the row under it has the usual shape and a known unit."""
    columns = Columns(_USUAL, 0)
    found = columns.row(row, is_decimal=False)
    if "%" not in header or found is None or not found["mount"].startswith("/"):
        return None
    # Another row is no header, and counts of inodes are no sizes.
    if re.search(r"\d%|\s/", header) or _OF_INODES.search(header):
        return None
    if blocks := _SOME_BLOCKS.search(header):
        return Columns(_USUAL, _block_size(blocks))
    return columns if re.search(r"\d[KMGTPE]", row) else None


def _kinds(header: str) -> tuple[Sequence[str], int]:
    """What each column holds; nothing if one of them is unknown."""
    kinds: list[str] = []
    unit, at = 0, 0
    while at < len(header):
        if header[at].isspace():
            at += 1
            continue
        if blocks := _BLOCKS.match(header, at):
            unit, kind, length = _block_size(blocks), "size", len(blocks[0])
        else:
            kind, length = _named(header, at, kinds)
        if not kind:
            return (), 0
        if header[at : at + length] == "kbytes":
            unit = 1024
        kinds.append(kind)
        at += length
    return kinds, unit


def _named(header: str, at: int, before: Sequence[str]) -> tuple[str, int]:
    """What the name at this place holds, and its length; ``("", 0)`` for an unknown one."""
    fits = [(kind, len(word)) for word, kind in _WORDS if _is_at(word, header, at)]
    longest = [one for one in fits if one[1] == fits[0][1]]
    # Columns of inodes stand together, and none comes twice.
    among = bool(before) and before[-1].startswith("inodes") and before[-1] != "inodes_used_percent"
    longest.sort(key=lambda one: (one[0] in before, one[0].startswith("inodes") is not among))
    return longest[0] if longest else ("", 0)


def _is_at(word: str, header: str, at: int) -> bool:
    end = at + len(word)
    return header[at:end].casefold() == word.casefold() and (end == len(header) or header[end].isspace())


def _block_size(blocks: re.Match[str]) -> int:
    """Bytes of ``1K-blocks``, ``512-blocks``, ``1MB-blocks`` (a million), ``bloques de 1K``."""
    parts = {
        key.removeprefix("of_").replace("of", "blocks"): value for key, value in blocks.groupdict().items() if value
    }
    base = 1000 if parts.get("bytes") == "B" and "unit" in parts else 1024
    return int(parts["blocks"]) * int(base ** _UNITS.get(parts.get("unit", ""), 0))


def _bytes(text: str, unit: int, *, is_decimal: bool) -> float | None:
    """Bytes of a value, with the unit it carries or that of its column."""
    match = re.fullmatch(r"(\d[\d.,]*)([kKMGTPEZYRQ]?)(i?)(?:B|Bi)?", text)
    if match is None:
        return None
    if not match[2]:
        # Groups of digits (``df --block-size="'1"``) have three; a value of blocks has no fraction.
        digits = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", match[1])
        if digits.isdecimal():
            return int(digits) * (unit or 1)
        return float(digits.replace(",", ".")) * (unit or 1) if digits.count(".") + digits.count(",") < 2 else None
    number = match[1].replace(",", ".")
    if number.count(".") > 1:
        return None
    base = 1000 if is_decimal and not match[3] else 1024
    return float(number.rstrip(".")) * float(base ** _UNITS[match[2].upper()])


def _tidy(number: float) -> float:
    return int(number) if number == int(number) else round(number, 3)
