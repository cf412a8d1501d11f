"""Launches as statistics see them, and what statistics say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    REGRESSED = "regressed"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    NOT_ENOUGH_DATA = "not enough data"


@dataclass(frozen=True, slots=True)
class Sample:
    """One launch as statistics see it, in nanoseconds: its total, and by phase path what each phase took.

    ``critical_times`` and ``waiting`` (path time that no phase owns) sum to ``total``. A path that the launch does not
    have is absent from both mappings. ``run`` names what it shares its luck with (a deploy, a day, a machine); launches
    without a name are one run. ``censored``: it never got ready, so its total is at least ``total``.
    """

    launch: str
    total: int
    waiting: int
    durations: Mapping[str, int]
    critical_times: Mapping[str, int]
    run: str = ""
    start_class: str = ""
    censored: bool = False


@dataclass(frozen=True, slots=True)
class Delta:
    """Candidate against baseline for one phase (``phase`` ``None``: the total).

    ``low``/``high`` bound ``ratio`` (candidate / baseline) at 95 %; they, ``q`` and ``least_effect`` (the smallest
    step of the ratio this comparison could have seen) are ``None`` where there is too little data. ``contribution`` is
    the signed part of the total's change laid at this phase's door; all of them, ``unaccounted`` included, sum to it;
    ``contribution_low``/``high`` (ns) bound it at 95 %.
    """

    phase: str | None
    baseline: int | None
    candidate: int | None
    delta: int
    ratio: float | None
    low: float | None
    high: float | None
    q: float | None
    verdict: Verdict
    contribution: int
    least_effect: float | None
    note: str = ""
    contribution_low: int | None = None
    contribution_high: int | None = None
    bimodal: bool = False  # two usual lengths on a side


@dataclass(frozen=True, slots=True)
class LaunchFactor:
    """What all phases changed by together (candidate / baseline, 95 % bounds): the host's mood, told once."""

    ratio: float
    low: float
    high: float
    p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """``factor`` is ``None`` where there are too few phases or launches to tell one. ``runs``: of each side.

    ``notes`` are sentences on what the whole comparison could not take into account, or left out.
    """

    total: Delta
    phases: Sequence[Delta]  # largest contribution (in size) first
    unaccounted: Delta
    factor: LaunchFactor | None = None
    runs: tuple[int, int] = (1, 1)
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Floors:
    """The least effect worth a flag: both must be exceeded."""

    ratio: float = 0.02
    duration: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Flag:
    """One phase (or the total, ``phase`` ``None``) of a launch beyond the prediction interval of its baseline."""

    phase: str | None
    actual: int
    expected: int  # median of the baseline
    low: int  # prediction interval
    high: int
    runs: int  # launches in the baseline
    verdict: Verdict

    @property
    def ratio(self) -> float:
        return self.actual / self.expected if self.expected else float("inf")
