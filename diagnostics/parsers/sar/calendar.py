"""From stamps that know no day to instants: the day goes on at midnight, an hour that comes twice is told apart."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo

from diagnostics.parsers.sar.stamps import SECONDS_PER_DAY
from diagnostics.records import NS_PER_SECOND

HOUR = 3_600
# A stamp that goes back further is of the next day; by less, the clock went back.
LONGEST_STEP_BACK = 2 * HOUR


class Wall:
    """Days and seconds of a zone as ns since the epoch. A day is its ordinal, as in ``date.toordinal``."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._midnights: dict[int, int | None] = {}

    def midnight(self, day: int) -> int | None:
        """When the day begins; ``None`` for a day on which the zone's offset changes."""
        if day not in self._midnights:
            begin, end = self._at(day, 0, 0), self._at(day + 1, 0, 0)
            is_plain = begin.utcoffset() == end.utcoffset()
            self._midnights[day] = int(begin.timestamp()) * NS_PER_SECOND if is_plain else None
        return self._midnights[day]

    def ns(self, day: int, seconds: int, fold: int = 0) -> int:
        midnight = self.midnight(day)
        if midnight is not None:
            return midnight + seconds * NS_PER_SECOND
        return int(self._at(day, seconds, fold).timestamp()) * NS_PER_SECOND

    def comes_twice(self, day: int, seconds: int) -> bool:
        return self._at(day, seconds, 0).utcoffset() != self._at(day, seconds, 1).utcoffset()

    def _at(self, day: int, seconds: int, fold: int) -> datetime:
        days, seconds = divmod(seconds, SECONDS_PER_DAY)
        clock = time(seconds // HOUR, seconds % HOUR // 60, seconds % 60, fold=fold)
        return datetime.combine(date.fromordinal(day + days), clock, tzinfo=self.zone)


class Timeline:
    """Where the rows of one section stand in time. ``steps`` are the seconds by which its clock went back."""

    __slots__ = ("_fold", "_interval", "_shift", "_wall", "day", "last", "segment", "steps")

    def __init__(self, wall: Wall, day: int, seconds: int, shift: int = 0, segment: int = 0) -> None:
        self._wall = wall
        self.segment = segment  # which stretch of the file it is of, from a first line or a restart to the next
        self.day = day
        self.last = seconds
        self.steps: list[int] = []
        self._fold = 0
        self._shift = shift
        self._interval = 0

    @property
    def shift(self) -> int:
        return self._shift

    def place(self, stamps: list[int]) -> list[int]:
        """Instants (ns) of the following stamps (seconds since midnight), in the order of the file."""
        midnight = self._wall.midnight(self.day)
        if midnight is None or stamps[0] < self.last or stamps != sorted(stamps):
            return [self._place(seconds) for seconds in stamps]
        self._interval = stamps[-1] - (stamps[-2] if len(stamps) > 1 else self.last)
        self.last = stamps[-1]
        base = midnight + self._shift
        return [base + seconds * NS_PER_SECOND for seconds in stamps]

    def _place(self, seconds: int) -> int:
        back = self.last - seconds
        if back > LONGEST_STEP_BACK:
            self.day, self._fold = self.day + 1, 0
        elif back > 0:
            self._step_back(back, seconds)
        elif back < 0:
            self._interval = -back
        self.last = seconds
        return self._wall.ns(self.day, seconds, self._fold) + self._shift

    def _step_back(self, back: int, seconds: int) -> None:
        self.steps.append(-back)
        if self._wall.comes_twice(self.day, seconds):
            self._fold = 1
        # Summer time ended in a zone that we were not told: what has been an interval apart still is.
        elif abs(HOUR - back - self._interval) <= max(2, self._interval // 10):
            self._shift += HOUR * NS_PER_SECOND
