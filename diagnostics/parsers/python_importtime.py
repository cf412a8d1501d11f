"""Python's account of its imports (``python -X importtime``, standard error) as nested phases::

    import time: self [us] | cumulative | imported package
    import time:       154 |        154 |       encodings.aliases
    import time:       580 |        734 |     encodings

Modules come after what they import. The rows and their order are the agent's to read (``agent.import_time``). They hold
durations only, so each process's phases begin at 0 and ``facts["clock"]`` is ``relative``: they can be laid under a
launch only where it is known when Python began. Saved with stamps (``kubectl logs --timestamps``) every row says when
its module was ready, and the clock is ``wall``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from diagnostics.agent.import_time import Import, Placed, place
from diagnostics.agent.import_time import parse as read_row
from diagnostics.agent.log_wrapping import unwrap
from diagnostics.agent.stamps import Calendar
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import Parsed, ParseError, Phase

PARSER = "python-importtime/1"
MOST_ROWS = 100_000  # what a launch may have of phases
_MARK = "import time:"
_HEADING = re.compile(r"import time: self \[us\] \|")
_ROW = re.compile(r"import time: +(?:-?\d+|cached) +\| +(?:-?\d+|cached) +\| +\S")
_RAISED = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt)\b.*")
_SHOWN = 10


@dataclass(slots=True)
class _Account:
    """What is known of the file so far; ``processes`` are the kept rows, one list for each heading."""

    processes: list[list[Import]] = field(default_factory=list)
    kept: int = 0
    rows: int = 0
    cached: int = 0
    stamped: int = 0
    sum_self_us: int = 0
    deepest: int = 0
    failure: str = ""
    negative: list[tuple[int, str]] = field(default_factory=list)
    slowest: list[tuple[int, str]] = field(default_factory=list)
    outermost: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: Import, *, stamped: bool) -> None:
        own = row.own // 1000
        self.rows += 1
        self.stamped += stamped
        self.sum_self_us += own
        self.deepest = max(self.deepest, row.depth)
        if own < 0 and len(self.negative) < _SHOWN:
            self.negative.append((own, row.module))
        _keep_largest(self.slowest, (own, row.module))
        if row.depth == 0:
            _keep_largest(self.outermost, (row.total // 1000, row.module))
        if self.kept < MOST_ROWS:
            self.kept += 1
            self.processes[-1].append(row)

    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "clock": "wall" if self.stamped == self.rows else "relative",
            "rows": self.rows,
            "sum_self_us": self.sum_self_us,
            "deepest": self.deepest,
            "top_level": [[module, took] for took, module in self.outermost],
            "max_self": [list(item) for item in self.slowest],
            "negative_self": [list(item) for item in self.negative],
        }
        others = {
            "processes": len(self.processes) if len(self.processes) > 1 else 0,
            "cached": self.cached,
            "rows_left_out": self.rows - self.kept,
            "failure": self.failure,
        }
        return facts | {name: value for name, value in others.items() if value}


def _keep_largest(largest: list[tuple[int, str]], one: tuple[int, str]) -> None:
    if len(largest) < _SHOWN or one > largest[-1]:
        largest.append(one)
        largest.sort(reverse=True)
        del largest[_SHOWN:]


def parse(source: Source, hints: Hints) -> Reading:
    """A phase for each module, in order of start; times in ns. Raises ``ParseError`` if no line reports an import."""
    account, tally = _Account([[]]), Tally()
    calendar = Calendar(hints.received_at, hints.zone, hints.year)
    for tally.total, line in enumerate(source.lines(), 1):
        _read(line, account, tally, calendar)
    if not account.rows:
        message = "No line reports an import: run Python with -X importtime and send its standard error"
        raise ParseError(message, "", "no_imports")
    account.processes = [rows for rows in account.processes if rows]
    yield from _phases(account)
    return Parsed(
        parser=PARSER,
        lines=tally.lines(),
        facts={**account.facts(), "other_lines": tally.skipped, **tally.facts()},
    )


def _read(line: str, account: _Account, tally: Tally, calendar: Calendar) -> None:
    begin = line.find(_MARK)
    if begin < 0:
        raised = _RAISED.match(line)
        account.failure = raised[0][:500] if raised else account.failure
        if line.strip():
            tally.skip(tally.total, line)
        return
    text = line[begin:]
    # Only a row that something stands before can have been stamped.
    stamp = unwrap(line, calendar).time if begin else None
    row = read_row(text, stamp or 0)
    if row is not None:
        account.add(row, stamped=stamp is not None)
    elif _HEADING.match(text):
        account.processes.append([])
    elif _ROW.match(text):
        account.cached += 1
    else:
        tally.skip(tally.total, line)


def _phases(account: _Account) -> Iterator[Phase]:
    on_wall = account.stamped == account.rows
    first = 0
    for number, rows in enumerate(account.processes, 1):
        lane = f"process {number}" if len(account.processes) > 1 else ""
        placed = place(rows if on_wall else [row._replace(arrived=0) for row in rows], MOST_ROWS)
        shift = 0 if on_wall else -min(item.start for item in placed)
        yield from _placed(placed, shift, first, lane)
        first += len(placed)


def _placed(placed: Iterable[Placed], shift: int, first: int, lane: str) -> Iterator[Phase]:
    for position, item in enumerate(placed, first):
        yield Phase(
            position=position,
            name=f"import {item.module}",
            start_time=item.start + shift,
            duration=item.end - item.start,
            id=f"import-{position}",
            parent=None if item.parent is None else first + item.parent,
            is_root=item.parent is None,
            lane=lane,
            attributes={"self_us": item.own // 1000, "cumulative_us": item.total // 1000},
        )


def recognise(head: bytes) -> bool:
    """Rows of import times are half of it, or a good part where the heading stands over them."""
    lines = [line for line in Source.of(head).lines() if line.strip()]
    rows = sum(_ROW.search(line) is not None for line in lines)
    is_headed = any(_HEADING.search(line) for line in lines)
    return rows > 0 and (rows * 2 >= len(lines) or (is_headed and rows * 10 >= len(lines)))
