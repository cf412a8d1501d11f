"""``systemd-analyze time``, ``blame``, ``critical-chain`` and ``plot --table``, alone or one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable

from diagnostics.agent.lines import visible
from diagnostics.parsers.reading import Tally
from diagnostics.parsers.systemd_analyze.boot import MOST_UNITS, Boot, Unit
from diagnostics.parsers.systemd_analyze.timespans import SPAN, duration
from diagnostics.records import ParseError

UNIT = r"[^\s@+]\S*\.(?:service|socket|target|mount|automount|device|swap|path|timer|slice|scope)"
STARTUP = re.compile(r"\bStartup finished in (?P<parts>.*)")
_PART = re.compile(rf"(?P<took>{SPAN})\((?P<stage>[a-z][a-z -]*)\)")
_TOTAL = re.compile(rf"= (?P<took>{SPAN})\.?\s*$")
_REACHED = re.compile(rf"^(?P<unit>{UNIT}) (?:reached after (?P<after>{SPAN})in userspace|was never reached)")
BLAME = re.compile(rf"^\s*(?P<took>{SPAN})(?P<unit>{UNIT})\s*$")
CHAIN = re.compile(
    rf"^(?P<tree>(?:[│├└|` \xa0][─ \xa0-])*)(?P<unit>{UNIT}|\.\.\.)(?: @(?P<at>{SPAN}))?(?: ?\+(?P<took>{SPAN}))?\s*$"
)
_COLUMNS = ("activated", "activating", "time", "deactivated", "deactivating")
TABLE = re.compile(rf"^(?P<unit>{UNIT}) +" + " *".join(rf"(?P<{name}>{SPAN})" for name in _COLUMNS) + "$")
CHAIN_HEADING = (
    "The time when unit became",
    "The time after the unit is",
    "The time the unit took",
    "The time the unit takes",
)
TABLE_HEADING = re.compile(r"^NAME +ACTIVATED +ACTIVATING +TIME\b")
NOT_FINISHED = "Bootup is not yet finished"
NO_SYSTEMD = re.compile(r"System has not been booted with systemd|Failed to connect to (?:system scope )?bus")
_IGNORED = re.compile(r"^(?:Could not get time to|could not find default|Please try again|Hint: |\d+ Units listed)")


def read(lines: Iterable[str], boot: Boot, tally: Tally) -> None:
    """Fills ``boot``. Raises ``ParseError`` where systemd-analyze itself had nothing to say."""
    reader, refused = _Reader(boot), ""
    for tally.total, raw in enumerate(lines, 1):
        line = visible(raw)
        if NOT_FINISHED in line or NO_SYSTEMD.search(line):
            refused = refused or line.strip()
        elif line.strip() and not reader.take(line):
            tally.skip(tally.total, line)
    if not boot and refused:
        raise _refusal(refused)


def _refusal(line: str) -> ParseError:
    if NOT_FINISHED in line:
        message = (
            "The boot was not yet finished when systemd-analyze ran: run it again once `systemctl list-jobs` is empty"
        )
        return ParseError(message, "line 1", "boot_not_finished")
    return ParseError(f"systemd-analyze could not ask systemd: {line[:200]}", "line 1", "no_systemd")


class _Reader:
    def __init__(self, boot: Boot) -> None:
        self._boot = boot
        self._in_chain = False
        self._around: list[tuple[int, int]] = []  # depth and place of the units whose dependencies follow

    def take(self, line: str) -> bool:
        """Whether the line is one that systemd-analyze prints."""
        if line.startswith(CHAIN_HEADING):
            self._in_chain = True
            return True
        return (
            self._startup(line)
            or self._blame(line)
            or self._table(line)
            or self._chain(line)
            or self._heading(line)
            or _IGNORED.match(line) is not None
        )

    def _startup(self, line: str) -> bool:
        startup = STARTUP.search(line)
        if startup:
            for part in _PART.finditer(startup["parts"]):
                self._boot.stages[part["stage"]] = duration(part["took"]) or 0
            total = _TOTAL.search(startup["parts"])
            self._boot.total = duration(total["took"]) if total else None
            return True
        reached = _REACHED.match(line)
        if reached:
            self._boot.reached[reached["unit"]] = duration(reached["after"]) if reached["after"] else None
        return reached is not None

    def _blame(self, line: str) -> bool:
        row = BLAME.match(line)
        took = duration(row["took"]) if row else None
        if row is None or took is None:
            return False
        if len(self._boot.blame) < MOST_UNITS:
            self._boot.blame.append((row["unit"], took))
        return True

    def _heading(self, line: str) -> bool:
        is_heading = TABLE_HEADING.match(line) is not None
        # Its times are those of the plot.
        self._boot.is_since_kernel = self._boot.is_since_kernel or is_heading
        return is_heading

    def _table(self, line: str) -> bool:
        row = TABLE.match(line)
        if row is None:
            return False
        start, took = duration(row["activating"]), duration(row["time"])
        if took and start is not None and len(self._boot.units) < MOST_UNITS:
            self._boot.units.append(Unit(row["unit"], start, took))
        return True

    def _chain(self, line: str) -> bool:
        row = CHAIN.match(line)
        if row is None or not (self._in_chain or row["at"] or row["took"]):
            return False
        self._in_chain = True
        if row["unit"] == "..." or len(self._boot.chain) >= MOST_UNITS:
            return True
        depth, at, took = len(row["tree"]) // 2, duration(row["at"] or ""), duration(row["took"] or "")
        link = {"unit": row["unit"], "depth": depth, "at_ns": at, "took_ns": took}
        self._boot.chain.append({name: value for name, value in link.items() if value is not None})
        while self._around and self._around[-1][0] >= depth:
            self._around.pop()
        if took is not None and at is not None:
            self._add(depth, Unit(row["unit"], at, took))
        elif at is not None and row["unit"].endswith(".target"):
            self._boot.reached.setdefault(row["unit"], at)
        return True

    def _add(self, depth: int, unit: Unit) -> None:
        """A unit waits for those printed under it; targets between them take no time and are passed through."""
        units = self._boot.units
        place = len(units)
        units.append(unit)
        if self._around:
            waiting = units[self._around[-1][1]]
            waiting.waits_for = (*waiting.waits_for, place)
        self._around.append((depth, place))
