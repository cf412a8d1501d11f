"""The least change worth a flag, phase by phase, where one for all is not enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from diagnostics.records import Flag, Floors

TOTAL = "(total)"


@dataclass(frozen=True, slots=True)
class Threshold:
    """For phases that ``phase`` (a glob) fits: other floors, or no flag at all. ``None`` leaves the general floor.

    A glob with a slash is for the whole path, one without for the last name in it; ``(total)`` is the launch's total.
    """

    phase: str
    ratio: float | None = None
    ns: int | None = None
    ignore: bool = False

    def fits(self, path: str | None) -> bool:
        if path is None:
            return self.phase == TOTAL
        return fnmatchcase(path if "/" in self.phase else path.rpartition("/")[2], self.phase)

    def floors(self, general: Floors) -> Floors:
        return Floors(
            general.ratio if self.ratio is None else self.ratio, general.duration if self.ns is None else self.ns
        )


def floors_of(path: str | None, thresholds: Iterable[Threshold], general: Floors) -> Floors | None:
    """The floors of one phase by the first threshold that fits it; ``None`` when it is to be ignored."""
    for threshold in thresholds:
        if threshold.fits(path):
            return None if threshold.ignore else threshold.floors(general)
    return general


def worded(floors: Floors) -> str:
    """``2 % and 10 ms``."""
    return f"{floors.ratio * 100:g} % and {floors.duration / 1e6:g} ms"


@dataclass(frozen=True, slots=True)
class Least:
    """The least change worth a flag: one for all phases, and what the thresholds of a service make of it."""

    general: Floors
    thresholds: Sequence[Threshold] = ()

    def of(self, path: str | None) -> Floors | None:
        return floors_of(path, self.thresholds, self.general)


def lowest(thresholds: Sequence[Threshold], general: Floors) -> Floors:
    """What a test must look for so that no phase's own floor is above it."""
    every = [general, *(threshold.floors(general) for threshold in thresholds if not threshold.ignore)]
    return Floors(min(floors.ratio for floors in every), min(floors.duration for floors in every))


def kept(flags: Iterable[Flag], thresholds: Sequence[Threshold], general: Floors) -> list[Flag]:
    """The flags whose change is beyond the floors of their own phase."""
    return [flag for flag in flags if _worth(flag, floors_of(flag.phase, thresholds, general))]


def _worth(flag: Flag, floors: Floors | None) -> bool:
    change = abs(flag.actual - flag.expected)
    return floors is not None and change > floors.duration and change > floors.ratio * flag.expected
