"""Reads stamped lines by the profiles, live or from a saved log; chooses the profile by what it reads."""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from typing import Deque, Iterable, List, Optional, Sequence

from diagnostics.agent.lines import Line
from diagnostics.agent.profiled import Profiled, conclude
from diagnostics.agent.profiles import GENERIC, PROFILES, Profile
from diagnostics.agent.rule_matching import NS, RuleMatching
from diagnostics.agent.sieve import Sieve

# Lines kept until a profile shows itself; servers name themselves in their first screens.
_REMEMBERED = 2_000
# Lines of the same moment as the ready line may still end a phase.
_SETTLE = NS


class Profiling:
    """Reads one launch line by line. ``ready`` and ``failure`` are the lines that said so, or None."""

    def __init__(self, profile: Optional[Profile] = None) -> None:
        self.ready: Optional[Line] = None
        self.failure: Optional[Line] = None
        self._early: Deque[Line] = deque(maxlen=_REMEMBERED)
        self._candidates = [] if profile else [p for p in PROFILES.values() if p.signature]
        self._signature = _any_of([p.signature for p in self._candidates])
        self._use(profile or GENERIC)

    @property
    def profile(self) -> Profile:
        """The one that decides about readiness: the first that showed itself, ``generic`` until then."""
        return self._active[0].profile

    @property
    def profiles(self) -> List[Profile]:
        """All that read the lines: the first one, and the engines that it hosts."""
        return [active.profile for active in self._active]

    @property
    def surplus(self) -> int:
        """Phases that were not kept because there were too many for one launch."""
        return sum(active.surplus for active in self._active)

    def feed(self, line: Line) -> None:
        """The next line, in order of time. Lines well after readiness are not the launch's any more."""
        if (self.ready and line.time > self.ready.time + _SETTLE) or not matters(line.text):
            return
        if self._candidates:
            self._early.append(line)
            if self._signature.search(line.text):
                self._detect(line)
                return
        self._read(line, self._active)

    def finish(self, until: int, ready: bool, verbose: bool = False) -> Profiled:
        """What was seen up to ``until`` (ns). Of a launch that did not get ready the phases under way are failed."""
        return conclude(self._active, until, ready, verbose)

    def _use(self, profile: Profile) -> None:
        self._active: List[RuleMatching] = [RuleMatching(profile)]
        self._ready = [(re.compile(ready.pattern), ready.unless) for ready in profile.ready]
        self._interesting = _any_of([*(ready.pattern for ready in profile.ready), *profile.failures])
        self._failures = _any_of(profile.failures)

    def _detect(self, line: Line) -> None:
        """Let the profile that ``line`` gave away read it and what came before; a host of engines stays beside it."""
        found = next(p for p in self._candidates if re.search(p.signature, line.text))
        joining = self.profile.hosts
        self._candidates = [p for p in self._candidates if p is not found] if found.hosts else []
        self._signature = _any_of([p.signature for p in self._candidates])
        if joining:
            self._read(line, self._active)
            self._active.append(RuleMatching(found))
            for earlier in self._early:
                self._active[-1].feed(earlier)
        else:
            self.ready = self.failure = None
            self._use(found)
            for earlier in self._early:
                self._read(earlier, self._active)

    def _read(self, line: Line, readers: Sequence[RuleMatching]) -> None:
        if self.ready is None and self._interesting.search(line.text):
            under_way = {span.rule.phase for active in self._active for span in active.open.values()}
            if any(pattern.search(line.text) and unless not in under_way for pattern, unless in self._ready):
                self.ready = line
            elif self.failure is None and self._failures.search(line.text):
                self.failure = line
        for reader in readers:
            reader.feed(line)


@lru_cache(maxsize=None)
def _sieve() -> Sieve:
    # Made when the first line comes, not at every start of the agent.
    return Sieve(p for profile in PROFILES.values() for p in (*profile.patterns(), profile.signature) if p)


def matters(text: str) -> bool:
    """Whether a line may mean something to any profile at all: servers print far more than these rules ask for."""
    return _sieve().passes(text)


def profile_lines(lines: Iterable[Line], profile: Optional[Profile] = None) -> Profiling:
    """All of ``lines``, read."""
    profiling = Profiling(profile)
    for line in lines:
        profiling.feed(line)
    return profiling


def _any_of(patterns: Sequence[str]) -> "re.Pattern[str]":
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or "(?!)")
