"""What is remembered of the launches of one sort, so that each new one is judged at once: a matrix of all its series.

The unit is the run as soon as there are twenty of them, and until then the launch: twenty launches of one deploy are
worth looking at, but days differ by themselves. Of the newest runs every launch is kept (``raw``), of those before five
quantiles a series (``settled``), a hundred units in all. Values are logarithms of durations in ns, NaN where a launch
lacks the series. Launches may come in any order, and again.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.analysis.change_points.levels import Array
from diagnostics.analysis.change_points.settings import DEFAULT
from diagnostics.analysis.launch_runs import PAUSE, Begun, Circumstances, run_of

TOTAL = 0  # the series of the total; others have their ids, which begin with 1
SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
LEAST_DURATION = 10_000  # ns; 0 has a logarithm too
OPEN_RUNS = 3  # runs that launches may still join: deploys overlap
MOST_OF_A_RUN = 200

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Kept:
    """A launch, or the first one of a settled run: ``unit`` is what it counts for, ``run`` the run that it is of."""

    launch: str
    start: int
    unit: str
    run: str
    digest: int = 0


def _none(*shape: int) -> Values:
    return np.full(shape, np.nan, dtype=np.float32)


@dataclass(slots=True)
class Watched:
    """Rows of ``raw`` and ``settled`` are the ``series``; columns of ``raw`` the ``launches``, of ``settled`` the
    ``runs``. ``seen`` counts the runs there ever were; see ``launch_runs`` for ``begun``."""

    by_run: bool = False
    series: list[int] = field(default_factory=list)
    launches: list[Kept] = field(default_factory=list)
    raw: Values = field(default_factory=lambda: _none(0, 0))
    runs: list[Kept] = field(default_factory=list)
    settled: Values = field(default_factory=lambda: _none(0, 0, len(SHARES)))
    begun: Begun = field(default_factory=dict)
    seen: int = 0
    last_run: str = ""

    def join(self, one: Kept, durations: Mapping[int, int]) -> bool:
        """Take a launch in, its durations (ns) by series; whether that changed anything: the same launch again does
        not, nor does one so late that its place is no longer kept."""
        digest = zlib.crc32(repr(sorted(durations.items())).encode())
        one = Kept(one.launch, one.start, one.unit if self.by_run else one.launch, one.run, digest)
        if any((one.launch, digest) == (kept.launch, kept.digest) for kept in self.launches) or self._is_late(one):
            return False
        self._forget(one.launch)
        known = set(self.series)
        self._add_series([series for series in durations if series not in known])
        column = _none(len(self.series), 1)
        rows = {series: row for row, series in enumerate(self.series)}
        for series, duration in durations.items():
            column[rows[series], 0] = np.log(duration + LEAST_DURATION)
        self.launches.append(one)
        self.raw = np.concatenate([self.raw, column], axis=1)
        self._order()
        self._settle()
        return True

    def run_of(self, one: Circumstances) -> str:
        """A name for the launch's run; one that comes late joins the run of its sort that it lies in or next to."""
        if self.launches and one.start_time < self.launches[-1].start:
            sort = run_of(one, {}).rpartition(" ")[0]
            for kept in reversed(self.launches):
                if kept.run.rpartition(" ")[0] == sort and abs(kept.start - one.start_time) <= PAUSE:
                    return kept.run
            return run_of(one, {})
        return run_of(one, self.begun)

    def units(self) -> tuple[list[Kept], Array]:
        """The first launch of each unit, oldest first, and the levels (series, units, quantiles); NaN: not there."""
        places: dict[str, list[int]] = {}
        for place, one in enumerate(self.launches):
            places.setdefault(one.unit, []).append(place)
        firsts = [*self.runs, *(self.launches[columns[0]] for columns in places.values())]
        single = len(places) == len(self.launches)
        if single:
            fresh = np.repeat(self.raw[:, :, None], len(SHARES), axis=2)
        else:
            fresh = np.stack([_quantiles(self.raw[:, columns]) for columns in places.values()], axis=1)
        levels = np.concatenate([self.settled, fresh], axis=1).astype(np.float64)
        window = DEFAULT.window
        return firsts[-window:], levels[:, -window:]

    def _is_late(self, one: Kept) -> bool:
        if any(run.unit == one.unit for run in self.runs):
            return True
        full = len(self.runs) + len(self.launches) >= DEFAULT.window or bool(self.runs)
        return full and bool(self.launches) and one.start < self.launches[0].start

    def _forget(self, launch: str) -> None:
        kept = [place for place, one in enumerate(self.launches) if one.launch != launch]
        self._keep(kept)

    def _keep(self, places: Sequence[int]) -> None:
        if len(places) < len(self.launches):
            self.launches = [self.launches[place] for place in places]
            self.raw = self.raw[:, list(places)]

    def _order(self) -> None:
        places = sorted(range(len(self.launches)), key=lambda place: (self.launches[place].start, place))
        self.launches = [self.launches[place] for place in places]
        self.raw = self.raw[:, places]

    def _add_series(self, fresh: Sequence[int]) -> None:
        if fresh:
            self.series = [*self.series, *fresh]
            self.raw = np.concatenate([self.raw, _none(len(fresh), self.raw.shape[1])])
            self.settled = np.concatenate([self.settled, _none(len(fresh), *self.settled.shape[1:])])

    def _settle(self) -> None:
        """What no longer stays raw becomes quantiles, or goes; so do series that no unit has any more."""
        open_units = list(dict.fromkeys(one.unit for one in self.launches))
        most = OPEN_RUNS if self.by_run else DEFAULT.window
        for unit in open_units[:-most]:
            places = [place for place, one in enumerate(self.launches) if one.unit == unit]
            if self.by_run:
                self.runs = [*self.runs, self.launches[places[0]]][-DEFAULT.window :]
                ended = _quantiles(self.raw[:, places])[:, None]
                self.settled = np.concatenate([self.settled, ended], axis=1)[:, -DEFAULT.window :]
            self._keep([place for place in range(len(self.launches)) if place not in places])
        for unit in open_units[-most:] if self.by_run else []:
            places = [place for place, one in enumerate(self.launches) if one.unit == unit]
            if len(places) > MOST_OF_A_RUN:
                self._keep([place for place in range(len(self.launches)) if place != places[1]])
        there = np.flatnonzero(~(np.isnan(self.raw).all(axis=1) & np.isnan(self.settled).all(axis=(1, 2))))
        if len(there) < len(self.series):
            self.series = [self.series[row] for row in there.tolist()]
            self.raw, self.settled = self.raw[there], self.settled[there]

    def state(self) -> tuple[dict[str, Any], bytes, bytes]:
        """What to store, as JSON can and as bytes: of a series 4 bytes a launch kept, 20 a settled run."""
        facts = {
            "by_run": self.by_run,
            "series": self.series,
            "launches": [[k.launch, k.start, k.unit, k.run, k.digest] for k in self.launches],
            "runs": [[k.launch, k.start, k.unit, k.run] for k in self.runs],
            "begun": self.begun,
            "seen": self.seen,
            "last_run": self.last_run,
        }
        return facts, self.raw.tobytes(), self.settled.tobytes()

    @classmethod
    def restored(cls, facts: Mapping[str, Any], raw: bytes, settled: bytes) -> Watched:
        """From what ``state`` gave."""
        series, launches, runs = facts["series"], facts["launches"], facts["runs"]
        return cls(
            by_run=facts["by_run"],
            series=list(series),
            launches=[Kept(*one) for one in launches],
            raw=np.frombuffer(raw, dtype=np.float32).reshape(len(series), len(launches)),
            runs=[Kept(*one) for one in runs],
            settled=np.frombuffer(settled, dtype=np.float32).reshape(len(series), len(runs), len(SHARES)),
            begun={sort: (first, last) for sort, (first, last) in facts["begun"].items()},
            seen=facts["seen"],
            last_run=facts["last_run"],
        )


def _quantiles(raw: Values) -> Values:
    """Quantiles (series, SHARES) over the launches (series, launches) that have the series."""
    ordered = np.sort(raw, axis=1)  # NaN last
    count = (~np.isnan(raw)).sum(axis=1)
    at = np.array(SHARES)[None, :] * np.maximum(count - 1, 0)[:, None]
    below = at.astype(np.intp)
    above = np.minimum(below + 1, np.maximum(count - 1, 0)[:, None])
    low, high = np.take_along_axis(ordered, below, axis=1), np.take_along_axis(ordered, above, axis=1)
    found: Values = (low + (at - below) * (high - low)).astype(np.float32)
    return found
