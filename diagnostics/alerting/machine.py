"""When a condition counts: what was seen of one subject, in order, and the rule's terms. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

KEPT = 20  # looks that are remembered at least, so that late ones find their place


@dataclass(frozen=True, slots=True, order=True)
class Look:
    """One look at a subject: when, at what, and whether the condition held."""

    at: datetime
    instance: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """How often in a row, and how long, the condition must hold; and how often not until it is over."""

    times: int = 1
    lasting: timedelta = timedelta()
    over_after: int = 1

    @property
    def kept(self) -> int:
        return max(self.times, self.over_after, KEPT)


@dataclass(frozen=True, slots=True)
class Track:
    """The newest looks, oldest first. ``began`` is the first of those that hold now, which may be forgotten else."""

    looks: tuple[Look, ...] = ()
    began: Look | None = None

    @property
    def holding(self) -> Sequence[Look]:
        """The newest looks that hold, without one between that does not."""
        count = 0
        while count < len(self.looks) and self.looks[-1 - count].holds:
            count += 1
        return self.looks[len(self.looks) - count :]

    @property
    def calm(self) -> int:
        """How many of the newest looks in a row do not hold."""
        count = 0
        while count < len(self.looks) and not self.looks[-1 - count].holds:
            count += 1
        return count

    def after(self, look: Look, terms: Terms) -> Track:
        """With one more look, in its place by time; what was seen of the same instance is replaced."""
        others = [one for one in self.looks if one.instance != look.instance]
        looks = tuple(sorted([*others, look]))[-terms.kept :]
        holding = Track(looks).holding
        if not holding:
            return Track(looks)
        # All that is remembered holds: the beginning may lie before it.
        forgotten = len(holding) == len(looks) and self.began is not None and self.began.at < holding[0].at
        return Track(looks, self.began if forgotten else holding[0])

    def fires(self, terms: Terms) -> bool:
        holding = self.holding
        if self.began is None or len(holding) < terms.times:
            return False
        return holding[-1].at - self.began.at >= terms.lasting

    def is_over(self, terms: Terms) -> bool:
        return self.calm >= terms.over_after


def to_json(track: Track) -> tuple[list[Any], list[Any] | None]:
    """As the database keeps it: the looks and the beginning."""
    return [_plain(look) for look in track.looks], _plain(track.began) if track.began else None


def from_json(looks: Sequence[Any], began: Sequence[Any] | None) -> Track:
    return Track(tuple(map(_look, looks)), _look(began) if began else None)


def _plain(look: Look) -> list[Any]:
    return [look.at.isoformat(), look.instance, look.holds]


def _look(plain: Sequence[Any]) -> Look:
    at, instance, holds = plain
    return Look(datetime.fromisoformat(at), instance, holds)
