"""Looking on: every new run is judged when it comes, for one series (``Watch``) or for many at once (``Watches``).

What is remembered of a run are five quantiles of its launches; they are weighed for the least variance between
runs (Gauss and Markov's best linear combination, the covariance shrunk; a step moves all quantiles alike and does not
change the weights). Each look asks how much better two levels since the last confirmed change tell the runs than one:
by a likelihood ratio of values cut off at three spreads, quick to see a large change, and by one of normal scores,
which no outlier fools. Looking again and again multiplies false alarms, so the threshold is set by replay: see
docs/statistics.md. A confirmed change moves what is remembered to the new level: the centre is reset, the spread kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.analysis.change_points.levels import MAD, Array
from diagnostics.analysis.change_points.looking import Seen, look
from diagnostics.analysis.change_points.settings import DEFAULT, Settings

QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
_RIDGE = 0.1
_CUT = 3.0
_LEAST_DURATION = 0.01
_SHARES = np.array(QUANTILES)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Raised by the run with index ``at``; ``change_point`` is the first run of the new level and ``ratio`` new / old.

    ``p`` is the chance of so clear a change in one look at an unchanged series, roughly: for the control of false
    discovery over phases. Unless ``confirmed`` it is a suspicion, to be shown and not told.
    """

    at: int
    change_point: int
    ratio: float
    p: float
    confirmed: bool = True


class Watches:
    """Many series watched together, each getting one run at every step."""

    def __init__(self, count: int, settings: Settings = DEFAULT) -> None:
        self._settings = settings
        self._seen = np.zeros(count, dtype=np.int64)
        # Newest last; the first of the window are unused until so many runs have come.
        self._quantiles = np.zeros((count, settings.window, len(QUANTILES)))
        self._places = np.zeros((count, settings.window), dtype=np.int64)
        self._known = np.zeros(count, dtype=np.intp)
        self._since = np.zeros(count, dtype=np.intp)

    def advance(self, runs: Sequence[Sequence[float]]) -> list[Alarm | None]:
        """One run of every series, as the durations of its launches; an empty run is missing there and passed over."""
        fresh = [np.asarray(run, dtype=np.float64) for run in runs]
        present = np.array([row for row, run in enumerate(fresh) if np.isfinite(run).any()], dtype=np.intp)
        self._remember(present, np.array([_quantiles(fresh[row]) for row in present]))
        self._seen += 1
        alarms: list[Alarm | None] = [None] * len(runs)
        judged = present[self._known[present] >= min(self._settings.start, self._settings.window)]
        for known in np.unique(self._known[judged]):
            rows = judged[self._known[judged] == known]
            for row, alarm in zip(rows.tolist(), self._look(rows, int(known)), strict=True):
                alarms[row] = alarm
        return alarms

    def state(self, row: int) -> dict[str, Any]:
        """What to store of one series, as JSON can: about 6 kB of a full window."""
        known = int(self._known[row])
        quantiles = self._quantiles[row, len(self._quantiles[row]) - known :]
        # A run of one launch has one quantile.
        single = bool((quantiles[:, :1] == quantiles).all())
        return {
            "seen": int(self._seen[row]),
            "since": int(self._since[row]),
            "places": self._places[row, len(self._places[row]) - known :].tolist(),
            "quantiles": (quantiles[:, :1] if single else quantiles).round(6).tolist(),
        }

    @classmethod
    def restored(cls, states: Sequence[Mapping[str, Any]], settings: Settings = DEFAULT) -> Watches:
        """From what ``state`` gave, one for each series."""
        watches = cls(len(states), settings)
        for row, state in enumerate(states):
            watches._seen[row] = state["seen"]
            known = min(len(state["places"]), settings.window)
            watches._known[row], watches._since[row] = known, min(state["since"], known)
            if known:
                watches._places[row, -known:] = state["places"][-known:]
                watches._quantiles[row, -known:] = state["quantiles"][-known:]
        return watches

    def _remember(self, rows: NDArray[np.intp], quantiles: Array) -> None:
        if not len(rows):
            return
        window = self._settings.window
        for kept in (self._quantiles, self._places):
            kept[rows, :-1] = kept[rows, 1:]
        self._quantiles[rows, -1] = quantiles
        self._places[rows, -1] = self._seen[rows]
        self._known[rows] = np.minimum(self._known[rows] + 1, window)
        self._since[rows] = np.minimum(self._since[rows] + 1, window)

    def _look(self, rows: NDArray[np.intp], known: int) -> list[Alarm | None]:
        window = self._quantiles[rows, self._settings.window - known :]
        level = np.einsum("rnq,rq->rn", window, weights(window))
        found: list[Alarm | None] = []
        for row, seen in zip(rows.tolist(), look(level, self._since[rows], self._settings), strict=True):
            found.append(self._alarm(row, known - seen.cut, seen) if seen else None)
            if seen and seen.confirmed:
                self._reset(row, known - seen.cut, seen.change)
        return found

    def _alarm(self, row: int, fresh: int, seen: Seen) -> Alarm:
        first = int(self._places[row, -fresh])
        return Alarm(int(self._seen[row]) - 1, first, math.exp(min(seen.change, 700.0)), seen.p, seen.confirmed)

    def _reset(self, row: int, fresh: int, change: float) -> None:
        """Move what came before to the new level: it still shows how much runs vary."""
        self._quantiles[row, :-fresh] += change
        self._since[row] = fresh


class Watch:
    """One series watched: ``advance`` with every run; ``state`` is what to store between two of them."""

    def __init__(self, settings: Settings = DEFAULT, state: Mapping[str, Any] | None = None) -> None:
        self._watches = Watches.restored([state], settings) if state else Watches(1, settings)

    def advance(self, values: Sequence[float]) -> Alarm | None:
        """The durations of the launches of the next run; the alarm it raises, confirmed or suspected, if any."""
        return self._watches.advance([values])[0]

    def state(self) -> dict[str, Any]:
        return self._watches.state(0)


def replay(runs: Sequence[Sequence[float]], settings: Settings = DEFAULT) -> list[Alarm]:
    """The confirmed alarms of a series fed run by run."""
    watch = Watch(settings)
    alarms = [watch.advance(run) for run in runs]
    return [alarm for alarm in alarms if alarm and alarm.confirmed]


def _quantiles(run: Array) -> Array:
    known = np.sort(run[np.isfinite(run)])
    # In milliseconds the least that is told apart is 10 µs; nothing lasts less than nothing.
    logs = np.log(np.maximum(known, 0) + _LEAST_DURATION)
    at = _SHARES * (len(logs) - 1)
    below = at.astype(np.intp)
    above = np.minimum(below + 1, len(logs) - 1)
    found: Array = logs[below] + (at - below) * (logs[above] - logs[below])
    return found


def weights(window: Array) -> Array:
    """Weights (series, quantiles) that sum to one and vary least between runs."""
    middle = np.median(window, axis=1, keepdims=True)
    away = window - middle
    limit = _CUT * MAD * np.median(np.abs(away), axis=1, keepdims=True) + 1e-9
    cut = np.clip(away, -limit, limit)
    cut -= cut.mean(axis=1, keepdims=True)
    covariance = np.matmul(cut.transpose(0, 2, 1), cut) / window.shape[1]
    count = window.shape[2]
    ridge = _RIDGE * np.trace(covariance, axis1=1, axis2=2) / count + 1e-12
    solved = np.linalg.solve(covariance + ridge[:, None, None] * np.eye(count), np.ones((len(window), count, 1)))
    weights: Array = solved[..., 0] / solved.sum(axis=1)
    return weights
