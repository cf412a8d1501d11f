"""How full file systems are, as ``df`` tells with any of its options, of GNU, busybox, macOS, the BSDs and Solaris.

::

    Filesystem     Type 1K-blocks     Used    Avail Use% Mounted on
    /dev/vda       ext4 264212084 31093016 75297896  30% /

``df`` prints no time: readings are of when the file was received (``facts["clock"]`` is ``received``).
``facts["filesystems"]`` lists every row, sizes in kB of 1024 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.parsers.df_columns import Columns, columns_of, guessed
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import Category, Event, HostFacts, Parsed, ParseError, SampleSeries

PARSER = "df/1"
_TROUBLE = re.compile(r"(?:\S*/)?df: (.+)")
_PLACE = re.compile(r"[‘'`“\"]?(/[^:’'”\"]*)")
_DECIMAL = re.compile(r"(?<![\w.])\d[\d.,]*(?:k|B)(?![\w:])")
_METRICS = ("size_kb", "used_kb", "available_kb", "used_percent", "inodes_used_percent")
SHOWN = 1_000


class _Table:
    """Rows as they come; what a mount point is told last counts, for it lies over what was mounted before."""

    def __init__(self, *, is_decimal: bool) -> None:
        self.columns: Columns | None = None
        self.rows: list[dict[str, Any]] = []
        self._is_decimal = is_decimal
        self._places: dict[str, dict[str, Any]] = {}
        self._before = self._pending = ""

    def read(self, text: str) -> bool:
        """Take a line; whether it is one of df's."""
        before, self._before = self._before, text
        if found := columns_of(text):
            self.columns, self._pending = found, ""
            return True
        self.columns = self.columns or guessed(before, text)
        if self.columns is None:
            return False
        joined = f"{self._pending} {text.lstrip()}" if self._pending else text
        if row := self.columns.row(joined, is_decimal=self._is_decimal):
            self._pending = ""
            self._add(row)
            return True
        # A device's name that is too long stands on a line of its own.
        is_device = not self._pending and not text[0].isspace() and not re.search(r"\s\S*\d%", text)
        self._pending = text if is_device else ""
        return is_device

    def _add(self, row: dict[str, Any]) -> None:
        """Keep a row, joined with what another table of the file (sizes, inodes) said of the same place."""
        known = self._places.get(row.get("mount", ""))
        if known and known.get("device") == row.get("device") and not (known.keys() & row.keys() & set(_METRICS)):
            known.update(row)
            return
        self.rows.append(row)
        if row.get("mount") not in (None, "-"):
            self._places[row["mount"]] = row

    def series(self, time: int) -> Iterator[SampleSeries]:
        """Metrics of every place that holds anything; pseudo file systems have a size of nothing."""
        for mount, row in self._places.items():
            for metric in _METRICS:
                is_empty = row.get("size_kb") == 0 if metric != "inodes_used_percent" else row.get("inodes") == 0
                if metric in row and not is_empty:
                    yield SampleSeries(f"filesystem.{metric}", mount, [time], [float(row[metric])])

    def facts(self) -> dict[str, Any]:
        """``units``: what K stands for in sizes that carry a letter."""
        full = [row for row in self.rows if row.get("size_kb") and "used_percent" in row]
        facts: dict[str, Any] = {
            "clock": "received",
            "filesystems": self.rows[:SHOWN],
            "rows": len(self.rows),
            "units": 1000 if self._is_decimal else 1024,
        }
        return facts | ({"fullest": max(full, key=_fill).get("mount", "")} if full else {})


def parse(source: Source, hints: Hints) -> Reading:
    """One sample a metric and mount point; an event for each file system df could not look at.

    Raises ``ParseError`` for a file without a table, or with none but rows that cannot be read.
    """
    tally, table = Tally(), _Table(is_decimal=_is_decimal(source))
    for number, line in enumerate(source.lines(), 1):
        tally.total += 1
        text = line.expandtabs().rstrip()
        if trouble := _TROUBLE.fullmatch(text):
            yield _event(trouble[1], number, hints.received_at)
        elif text and not table.read(text):
            tally.skip(number, line)
    if table.columns is None:
        raise ParseError("No table of df: its first line names the columns", "line 1", "no_table")
    if not table.rows and tally.skipped:
        place = f"line {tally.unread[0]['line']}"
        raise ParseError("No row of df can be read: each has a device, sizes and a mount point", place, "no_rows")
    yield from table.series(hints.received_at)
    return Parsed(
        parser=PARSER,
        host=HostFacts(hints.host) if hints.host else None,
        lines=tally.lines(),
        facts={**table.facts(), **tally.facts()},
    )


def recognise(head: bytes) -> bool:
    """A header of df among the first lines, with a row under it."""
    lines = [line.expandtabs().rstrip() for line in head[:8192].decode("utf-8", "replace").splitlines() if line.strip()]
    for n, line in enumerate(lines[:20]):
        below = lines[n + 1 : n + 4]
        if columns := columns_of(line) or next(filter(None, (guessed(line, row) for row in below[:1])), None):
            joined = (" ".join(below[at : at + 2]) for at in (0, 1))
            return not below or any(columns.row(row, is_decimal=False) for row in (*below, *joined))
    return False


def _is_decimal(source: Source) -> bool:
    """Whether K, M and G are powers of 1000 (``df -H``): only then is kilo written ``k``, and nothing ``0B``."""
    return bool(_DECIMAL.search(source.head().decode("utf-8", "replace")))


def _fill(row: Mapping[str, Any]) -> float:
    return float(row["used_percent"])


def _event(text: str, line: int, time: int) -> Event:
    place = _PLACE.search(text)
    return Event(
        time=time,
        text=f"df: {text}",
        source="df",
        line=line,
        precision=1_000_000_000,
        level="warning",
        category=Category.FILESYSTEM,
        fields={"mount": place[1]} if place else {},
    )
