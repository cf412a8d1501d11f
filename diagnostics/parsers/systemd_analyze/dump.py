"""``systemd-analyze dump``: every unit with its stamps, which are on the wall clock and to the second::

Timestamp userspace: Mon 2026-11-23 11:38:43 UTC
-> Unit load-model.service:
    Unit Active State: active
    Inactive Exit Timestamp: Mon 2026-11-23 11:38:43 UTC
    Active Enter Timestamp: Mon 2026-11-23 11:38:47 UTC
    Result: success
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from diagnostics.agent.stamps import Calendar
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.systemd_analyze.boot import MOST_UNITS
from diagnostics.parsers.systemd_analyze.timespans import duration
from diagnostics.records import NS_PER_SECOND, Event, Lines, Parsed, ParseError, Phase, PhaseStatus

DUMP = re.compile(r"^(?:-> Unit \S+:|Manager: systemd \d|Timestamp [a-z-]+: )")
_UNIT = re.compile(r"^-> Unit (?P<name>\S+):$")
_MANAGER = re.compile(r"^Manager: systemd (?P<version>\S+)")
_STAMP = re.compile(r"^Timestamp (?P<name>[a-z-]+): (?P<value>.+)$")
_FIELD = re.compile(r"^\t(?P<name>[A-Z][A-Za-z ]+): (?P<value>.+)$")
_WANTED = {
    "Inactive Exit Timestamp": "activating",
    "Active Enter Timestamp": "activated",
    "Inactive Enter Timestamp": "deactivated",
    "State Change Timestamp": "changed",
    "Unit Active State": "state",
    "Result": "result",
}


@dataclass(slots=True)
class _Unit:
    name: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)


def read_dump(lines: Iterable[str], calendar: Calendar, parser: str) -> Reading:
    """Phases for units that took a second or more to start, and an event for each that failed."""
    tally, state = Tally(), _Dump(calendar)
    phases: list[Phase] = []
    for unit in state.units(lines, tally):
        failed = state.failure(unit)
        if failed is not None:
            yield failed
        phase = state.phase(unit, len(phases))
        if phase is not None and len(phases) < MOST_UNITS:
            phases.append(phase)
    if not state.count:
        raise ParseError("The dump lists no unit: send all of what `systemd-analyze dump` prints", "", "no_units")
    yield from sorted(phases, key=lambda phase: phase.position)
    yield from state.userspace(len(phases))
    facts = {"clock": "wall", "precision_ns": NS_PER_SECOND, "dumped_units": state.count, **state.facts()}
    return Parsed(parser=parser, lines=Lines(tally.total, tally.total, 0), facts=facts)


class _Dump:
    def __init__(self, calendar: Calendar) -> None:
        self.count = 0
        self._calendar = calendar
        self._version = ""
        self._stamps: dict[str, str] = {}
        self._failed: list[str] = []

    def units(self, lines: Iterable[str], tally: Tally) -> Iterator[_Unit]:
        current: _Unit | None = None
        for tally.total, line in enumerate(lines, 1):
            begun = _UNIT.match(line)
            if begun:
                if current is not None:
                    yield current
                current = _Unit(begun["name"], tally.total)
                self.count += 1
            elif current is None:
                self._heading(line)
            else:
                told = _FIELD.match(line)
                if told and told["name"] in _WANTED:
                    current.fields.setdefault(_WANTED[told["name"]], told["value"])
        if current is not None:
            yield current

    def phase(self, unit: _Unit, position: int) -> Phase | None:
        start = self._time(unit.fields.get("activating", ""))
        ends = [self._time(unit.fields.get(name, "")) for name in ("activated", "deactivated")]
        end = next((end for end in ends if start is not None and end is not None and end >= start), None)
        # Stamps of whole seconds: a start that shows as none took less than one, by how much is not told.
        if start is None or end is None or end == start:
            return None
        status = PhaseStatus.FAILED if unit.fields.get("state") == "failed" else PhaseStatus.SUCCESS
        return Phase(position, unit.name, start, end - start, status, attributes={"precision_ns": NS_PER_SECOND})

    def failure(self, unit: _Unit) -> Event | None:
        time = self._time(unit.fields.get("changed", ""))
        if unit.fields.get("state") != "failed" or time is None:
            return None
        self._failed.append(unit.name)
        result = unit.fields.get("result", "unknown")
        return Event(
            time=time,
            text=f"{unit.name} failed: {result}",
            source="systemd",
            line=unit.line,
            precision=NS_PER_SECOND,
            level="error",
            fields={"unit": unit.name, "result": result},
        )

    def userspace(self, position: int) -> Iterator[Phase]:
        start, end = (self._time(self._stamps.get(name, "")) for name in ("userspace", "finish"))
        if start is not None and end is not None and end >= start:
            yield Phase(position, "userspace", start, end - start, attributes={"precision_ns": NS_PER_SECOND})

    def facts(self) -> dict[str, object]:
        stages = {name: duration(self._stamps.get(name, "")) for name in ("firmware", "loader")}
        facts = {
            "systemd": self._version,
            "failed_units": self._failed,
            "startup_ns": {name: took for name, took in stages.items() if took is not None},
            "without_zone": self._calendar.without_zone,
        }
        return {name: value for name, value in facts.items() if value}

    def _heading(self, line: str) -> None:
        version, stamp = _MANAGER.match(line), _STAMP.match(line)
        if version:
            self._version = version["version"]
        elif stamp:
            self._stamps.setdefault(stamp["name"], stamp["value"])

    def _time(self, text: str) -> int | None:
        stamp = self._calendar.find(text)
        return stamp.time if stamp else None
