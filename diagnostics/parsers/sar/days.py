"""On which day a section's rows begin. Its header carries the stamp of the sample before its first row.

``sar -f`` prints one section after the other, each from the first sample on; live output prints every section for each
sample. So a header goes on where its section stopped, begins again where the file (or the boot) began, or lies near
what was printed last.
"""

from __future__ import annotations

from diagnostics.parsers.sar.calendar import LONGEST_STEP_BACK, Timeline, Wall
from diagnostics.parsers.sar.plan import Plan
from diagnostics.parsers.sar.stamps import SECONDS_PER_DAY

Point = tuple[int, int]  # a day and the seconds of it


class Days:
    """``now`` is the latest point of the file so far."""

    def __init__(self, wall: Wall) -> None:
        self.wall = wall
        self.now: Point | None = None
        self.steps = 0
        self._begin: Point | None = None  # of the first header since the file's first line or the last restart
        self._segment = 0
        self._shift = self._shift_at_begin = 0

    def open(self, day: int) -> None:
        """A first line says which day the next stamp is of."""
        self.now, self._begin, self._shift = (day, 0), None, 0
        self._segment += 1

    def restart(self, seconds: int) -> int:
        """When (ns) the host started again; what follows begins there."""
        self.now, self._begin = self._after(self.now, seconds), None
        self._segment += 1
        return self._ns(self.now)

    def is_begin(self, seconds: int) -> bool:
        """Whether a header with this stamp begins where the file or the boot did, whatever has been read since."""
        return self._begin is None or seconds == self._begin[1]

    def begin(self, plan: Plan, seconds: int) -> None:
        """A header that does not go on where its section stopped."""
        if self._begin is None:
            self._begin, self._shift_at_begin = self._after(self.now, seconds), self._shift
        if seconds == self._begin[1]:
            plan.timeline = Timeline(self.wall, *self._begin, self._shift_at_begin, self._segment)
        else:
            plan.timeline = Timeline(self.wall, *self._nearest(seconds, self._begin), self._shift, self._segment)

    def place(self, timeline: Timeline, stamps: list[int]) -> list[int]:
        """When (ns) the next samples of a section were."""
        known = len(timeline.steps)
        times = timeline.place(stamps)
        self.steps += len(timeline.steps) - known
        # Rows may be placed when the file is further on already.
        if timeline.segment == self._segment:
            self._shift = timeline.shift
            self.now = max(self.now or (0, 0), (timeline.day, timeline.last))
        return times

    def instant(self, seconds: int, plan: Plan | None) -> int:
        """When (ns) a line between rows was."""
        if plan and plan.timeline and self._begin:
            return self._ns(self._after((plan.timeline.day, plan.timeline.last), seconds))
        return self._ns(self._after(self.now, seconds))

    def _ns(self, point: Point) -> int:
        return self.wall.ns(*point) + self._shift

    def _after(self, point: Point | None, seconds: int) -> Point:
        day, last = point or (1, 0)
        return (day if seconds >= last - LONGEST_STEP_BACK else day + 1, seconds)

    def _nearest(self, seconds: int, begin: Point) -> Point:
        now = self.now or begin
        days = [day for day in (now[0] - 1, now[0], now[0] + 1) if day >= begin[0]]
        return min(((day, seconds) for day in days), key=lambda point: _apart(point, now))


def _apart(one: Point, other: Point) -> int:
    return abs((one[0] - other[0]) * SECONDS_PER_DAY + one[1] - other[1])
