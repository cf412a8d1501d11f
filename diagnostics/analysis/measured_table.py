"""What two groups of launches measured: phases as rows, launches as columns, with the run and stratum of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

# Fewer degrees of freedom between runs say nothing; then launches are the unit, as if each side were one run.
LEAST_FREEDOM = 2
# Runs of history tell how far runs lie apart; they are compared with nothing. Each further group of history, of
# which nothing is known to have changed inside, has the next number.
BASELINE, CANDIDATE, HISTORY = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Table:
    """Logarithms of durations, NaN where a launch lacks the phase; ``side``, ``run`` and ``stratum`` of each column.

    A run (a deploy, a day, a machine) belongs to one side and one stratum (start class); its number is its own.
    """

    logs: Floats
    side: Places
    run: Places
    stratum: Places

    @property
    def runs(self) -> tuple[int, int]:
        """How many runs each side has."""
        before, after = (len(np.unique(self.run[self.side == side])) for side in (BASELINE, CANDIDATE))
        return before, after

    @property
    def has_runs(self) -> bool:
        """Is the run the unit: are there enough of them, within sides and history, to tell how far they lie apart?"""
        return sum(len(np.unique(self.run[columns])) - 1 for columns in self.cells()) >= LEAST_FREEDOM

    def cells(self) -> list[Places]:
        """The columns of each pair of stratum and side."""
        keys = self.stratum * (int(self.side.max(initial=0)) + 1) + self.side
        return [np.flatnonzero(keys == key) for key in np.unique(keys)]

    def shared(self) -> Table:
        """Without the columns of strata that one side has none of: cold starts are not compared with warm ones."""
        both = np.intersect1d(self.stratum[self.side == BASELINE], self.stratum[self.side == CANDIDATE])
        return self.only(np.isin(self.stratum, both))

    def only(self, columns: NDArray[np.bool_]) -> Table:
        return Table(self.logs[:, columns], self.side[columns], self.run[columns], self.stratum[columns])

    def of_rows(self, rows: NDArray[np.bool_]) -> Table:
        return replace(self, logs=self.logs[rows])

    def by_run(self) -> Table:
        """One column a run: the mean over its launches that have the phase."""
        numbers, first, place = np.unique(self.run, return_index=True, return_inverse=True)
        member = np.zeros((len(self.run), len(numbers)))
        member[np.arange(len(self.run)), place] = 1
        has = ~np.isnan(self.logs)
        with np.errstate(invalid="ignore"):
            means = (np.where(has, self.logs, 0.0) @ member) / (has @ member)
        return Table(np.asarray(means), self.side[first], numbers, self.stratum[first])


def table(values: Floats, side: Places, run: Places, stratum: Places) -> Table:
    """Durations of any unit to logarithms. A thousandth of the row's median is added, so that 0 has one."""
    with np.errstate(invalid="ignore"):
        middle = medians(np.where(values > 0, values, np.nan))
    offset = np.where(np.isfinite(middle), middle / 1000, 1.0)
    return Table(np.log(np.maximum(values, 0) + offset[:, None]), side, run, stratum)


def medians(values: Floats) -> Floats:
    """Per row, NaN left out. Sorting puts NaN last; numpy's own nanmedian takes many times longer on short rows."""
    counts = (~np.isnan(values)).sum(axis=1)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    ordered = np.sort(values, axis=1)
    low, high = (np.maximum((counts - 1) // 2, 0))[:, None], (counts // 2)[:, None]
    high = np.minimum(high, values.shape[1] - 1)
    middle = (np.take_along_axis(ordered, low, axis=1) + np.take_along_axis(ordered, high, axis=1)) / 2
    return np.where(counts > 0, middle[:, 0], np.nan)
