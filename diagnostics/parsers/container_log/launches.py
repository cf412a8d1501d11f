"""The launches that one log tells of: a container that restarts goes on in the same file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagnostics.agent.broken_off import fail, sentence_of
from diagnostics.agent.lines import Line
from diagnostics.agent.profiled import Profiled
from diagnostics.agent.profiles import GENERIC, Profile
from diagnostics.agent.profiling import Profiling
from diagnostics.parsers.container_log.subjects import nameless
from diagnostics.records import UNDER_WAY, Phase, PhaseStatus

# Ranks and replicas say the same within this time.
_APART = 1_000_000_000
_MOST = 100
_CHANGING = re.compile(r"\d+|0x[0-9a-f]+")


class Launch:
    """One start of the program, from its first line on; times in ns."""

    def __init__(self, start: int, profile: Profile | None = None) -> None:
        self.profiling = Profiling(profile)
        self.start = start
        self.last = start
        self.opening = ""  # the first line that began a phase, without what changes from start to start
        self._beginnings: tuple[Sequence[Profile], re.Pattern[str]] = ((), re.compile("(?!)"))

    @property
    def settled(self) -> int | None:
        """When it was over, one way or the other."""
        said = self.profiling.ready or self.profiling.failure
        return said.time if said else None

    def feed(self, line: Line) -> None:
        self.profiling.feed(line)
        if not self.opening and self.begins(line):
            self.opening = _constant(line.text)

    def begins(self, line: Line) -> bool:
        """Whether a rule of its profiles has a phase begin here."""
        profiles = self.profiling.profiles
        if profiles != self._beginnings[0]:
            bare = [nameless(rule.begin) for profile in profiles for rule in profile.rules if rule.begin]
            self._beginnings = (profiles, re.compile("|".join(f"(?:{pattern})" for pattern in bare) or "(?!)"))
            self.opening = ""
        return self._beginnings[1].search(line.text) is not None

    def conclude(self) -> Profiled:
        ready, failure = self.profiling.ready, self.profiling.failure
        profiled = self.profiling.finish(ready.time if ready else self.last, ready is not None)
        # A log that no profile fits may be of any time of the service's life: nothing broke off that was not seen.
        if failure and not ready and (profiled.phases or self.profiling.profile is not GENERIC):
            fail(profiled.phases, self.start, failure.time, sentence_of(failure.text), {"line": failure.number})
        elif not ready:
            self._leave_open(profiled)
        return profiled

    def _leave_open(self, profiled: Profiled) -> None:
        """The log ends, and the launch need not: the phase it was in is under way, or what comes after the last one."""
        lasting = [phase for phase in profiled.phases if phase["attributes"].get("open")]
        if not lasting and self.profiling.profile is not GENERIC:
            lasting = profiled.phases[-1:]
        for phase in lasting:
            phase["status"] = "success"
            phase["attributes"][UNDER_WAY] = True


class Launches:
    """The launches of a file, the one under way last."""

    def __init__(self) -> None:
        self.all: list[Launch] = []

    def see(self, time: int) -> None:
        """A line of that time, whatever it says: the launch began with the first one and lasts to the last."""
        if not self.all:
            self.all.append(Launch(time))
        self.all[-1].last = max(self.all[-1].last, time)

    def feed(self, line: Line) -> None:
        """A line that matters to a profile, and that was seen."""
        if self._restarts(self.all[-1], line):
            self.all.append(Launch(line.time, self._profile()))
        self.all[-1].feed(line)

    @property
    def profiles(self) -> Sequence[Profile]:
        return self.all[-1].profiling.profiles

    def _profile(self) -> Profile | None:
        before = self.all[-1].profiling.profile
        return None if before is GENERIC or before.hosts else before

    def _restarts(self, launch: Launch, line: Line) -> bool:
        """The line that began the first phase comes again, after that launch was over."""
        over = launch.settled
        if over is None or line.time <= over + _APART or not launch.opening or len(self.all) >= _MOST:
            return False
        return launch.begins(line) and _constant(line.text) == launch.opening


def phases(told: Sequence[tuple[Profiled, int]]) -> Iterator[Phase]:
    """The phases of all launches in order of start. ``told`` has each with its number, counted from 1."""
    found = [(phase, number) for profiled, number in told for phase in profiled.phases]
    found.sort(key=lambda item: (item[0]["start_time"], -item[0]["duration_ns"]))
    positions = {(phase["id"], number): position for position, (phase, number) in enumerate(found)}
    for position, (phase, number) in enumerate(found):
        yield _phase(position, phase, number, positions)


def _phase(position: int, told: Mapping[str, Any], number: int, positions: Mapping[tuple[str, int], int]) -> Phase:
    parent = told["parent"]
    again = {"restart": number - 1} if number > 1 else {}
    return Phase(
        position=position,
        name=told["phase"],
        start_time=told["start_time"],
        duration=told["duration_ns"],
        status=PhaseStatus(told["status"]),
        id=told["id"] if number == 1 else f"{told['id']}.{number}",
        parent=None if parent is None else positions[parent, number],
        is_root=parent is None,
        depends_on=tuple(positions[other, number] for other in told.get("depends_on", ())),
        lane=told.get("lane", ""),
        attributes={**told["attributes"], **again},
    )


def _constant(text: str) -> str:
    return _CHANGING.sub("0", text)[:300]
