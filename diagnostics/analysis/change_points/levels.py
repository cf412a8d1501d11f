"""One value a run: where its launches stand on the log scale, as sharply as their distribution allows.

A mean of ten launches wastes what a skewed distribution tells: its steep side says where the run stands far more
exactly than its long tail. So the density of a launch around its run is estimated from the series itself (a kernel
estimate over a thin heavy-tailed floor), the run's own mood is a heavy-tailed effect on top, and a run's level is the
one-step maximum-likelihood estimate: a common level plus the run's score over the information in it (Le Cam 1956;
Bickel 1982 for an estimated density). The score is bounded, so one wild launch moves little. Nothing here looks at the
order of the runs, so that permutations of an unchanged series are as likely as each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Fewer launches a run than this cannot show the shape of their distribution: then the run's median has to do.
FEWEST_LAUNCHES = 4
_REACH = 45  # levels looked at on either side of the common one
_BINS_A_SPREAD = 24
_MOODY = 8.0  # beyond this ratio of the spread between runs to that within them, how a run is averaged does not matter
MAD = 1.4826
_FAR = 8.0
_UNTHREADED = 2**18
_ROUNDS = 2
_FLOOR = 0.02
_TAIL = 4  # degrees of freedom of the run effect


@dataclass(frozen=True, slots=True)
class Launches:
    """The launches of all non-empty runs on one scale: ``values`` and, for each, its run, in order; ``places`` are the
    runs' indices in the series as given; ``logarithmic`` says whether differences are ratios."""

    values: Array
    run: NDArray[np.intp]
    places: NDArray[np.intp]
    logarithmic: bool

    @property
    def counts(self) -> NDArray[np.intp]:
        return np.bincount(self.run, minlength=len(self.places))


def launches(runs: Sequence[Sequence[float]]) -> Launches:
    """Drop what is missing (empty runs, NaN, infinities) and take logarithms.

    Where there are zeros, a thousandth of the median is added to all, so that they have a logarithm; a series with
    negative values is not one of durations and stays as it is.
    """
    counts = [len(run) for run in runs]
    values = np.fromiter((value for run in runs for value in run), dtype=np.float64, count=sum(counts))
    run = np.repeat(np.arange(len(runs)), counts)
    known = np.isfinite(values)
    values, run = values[known], run[known]
    places, run = np.unique(run, return_inverse=True)
    logarithmic = bool(len(values)) and bool((values >= 0).all()) and bool((values > 0).any())
    if logarithmic:
        least = values.min()
        values = np.log(values if least > 0 else values + np.median(values[values > 0]) / 1000)
    return Launches(values, run, places, logarithmic)


def medians(data: Launches) -> Array:
    """The median of each run."""
    ordered = data.values[np.lexsort((data.values, data.run))]
    counts = data.counts
    start = np.cumsum(counts) - counts
    middle: Array = (ordered[start + (counts - 1) // 2] + ordered[start + counts // 2]) / 2
    return middle


def levels(data: Launches, known: Array | None = None) -> Array:
    """The level of each run; ``known`` is what earlier change points explain of it (one value a run).

    With few launches a run, or launches that do not differ within their run, these are the medians.
    """
    offsets = np.zeros(len(data.places)) if known is None else known
    counts = data.counts
    if len(counts) < 2 or np.median(counts) < FEWEST_LAUNCHES:
        return medians(data)
    shifted = replace(data, values=data.values - offsets[data.run])
    middle = medians(shifted)
    within = MAD * float(np.median(np.abs(shifted.values - middle[data.run])))
    if within <= 1e-9 * max(1.0, float(np.abs(middle).max())):
        return medians(data)
    result: Array = offsets + _one_step(shifted, middle, within * np.sqrt(10 / 9), float(np.median(counts)))
    return result


def _one_step(data: Launches, middle: Array, within: float, count: float) -> Array:
    centre = float(np.median(middle))
    data = replace(data, values=data.values - centre)
    middle = middle - centre
    spread = MAD * float(np.median(np.abs(middle))) + 1e-3 * within
    if spread > _MOODY * within:
        return middle + centre
    # A median of n launches varies by about 1.57 / n of their variance by itself.
    between = max(spread**2 - 1.57 * within**2 / count, (0.05 * within) ** 2)
    mood = np.clip(middle * min(1.0, between / spread**2), -3 * spread, 3 * spread)
    lattice = _lattice(data, within, max(5 * spread, within))
    for _ in range(_ROUNDS):
        likelihood = lattice.likelihood(data.values - mood[data.run])
        mood, between = _moods(likelihood, lattice.grid, between)
        between = max(between, (0.03 * within) ** 2)
    tails = _effect(lattice.grid[:, None] - lattice.grid[None, :], between)
    joint = _product(np.exp(likelihood - likelihood.max(axis=1, keepdims=True)), tails / tails[_REACH].sum())
    level = _score(np.log(np.maximum(joint, 1e-12)), lattice.grid)
    # Far out a heavy tail's score falls back to nothing, as if the run were an ordinary one.
    return centre + np.where(np.abs(middle) > _FAR * spread, middle, level)


@dataclass(frozen=True, slots=True)
class _Lattice:
    """Launches counted in bins (``counted``: runs × bins) from ``first`` on, ``step`` wide; the grid of levels, every
    ``stride`` bins around 0, on which the likelihood is wanted."""

    counted: Array
    first: float
    step: float
    stride: int

    @property
    def grid(self) -> Array:
        return np.arange(-_REACH, _REACH + 1, dtype=np.float64) * float(self.stride * self.step)

    def likelihood(self, around: Array) -> Array:
        """Log-likelihood of each run at each level, shape (runs, grid); ``around`` shows the density of a launch."""
        bins, pad = self.counted.shape[1], _REACH * self.stride
        log_density = self._log_density(around, bins + 2 * pad, self.first - pad * self.step)
        windows = np.lib.stride_tricks.sliding_window_view(log_density, bins)[:: -self.stride]
        return _product(self.counted, np.ascontiguousarray(windows.T))

    def _log_density(self, around: Array, bins: int, first: float) -> Array:
        low, centre, high = np.quantile(around, (0.25, 0.5, 0.75))
        scale = min(float(around.std()), (high - low) / 1.349) or float(around.std())
        at = np.clip(((around - first) / self.step + 0.5).astype(np.intp), 0, bins - 1)
        # Silverman's width; the lattice itself blurs by a third of a step.
        width = max(0.9 * scale * len(around) ** -0.2 / self.step, 0.5)
        half = min(int(np.ceil(4 * width)), bins // 2 - 1)
        kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / width) ** 2)
        smooth = np.convolve(np.bincount(at, minlength=bins), kernel / kernel.sum(), "same") / len(around) / self.step
        away = (first + np.arange(bins) * self.step - centre) / (3 * scale)
        log_density: Array = np.log((1 - _FLOOR) * smooth + _FLOOR / (np.pi * 3 * scale * (1 + away**2)))
        return log_density


def _lattice(data: Launches, within: float, reach: float) -> _Lattice:
    step = within / _BINS_A_SPREAD
    stride = max(1, round(reach / _REACH / step))
    low, centre, high = np.quantile(data.values, (0.005, 0.5, 0.995))
    first = max(low, centre - 8 * within) - within
    bins = int((min(high, centre + 12 * within) + within - first) / step) + 1
    at = np.clip(((data.values - first) / step + 0.5).astype(np.intp), 0, bins - 1)
    runs = len(data.places)
    counted = np.bincount(data.run * bins + at, minlength=runs * bins).reshape(runs, bins).astype(np.float64)
    return _Lattice(counted, first, step, stride)


def _product(one: Array, other: Array) -> Array:
    """The matrix product, in parts too small for OpenBLAS to start threads, which cost a busy machine far more."""
    rows = max(1, _UNTHREADED // other.size)
    return np.concatenate([one[start : start + rows] @ other for start in range(0, len(one), rows)])


def _effect(moods: Array, between: float) -> Array:
    density: Array = (1 + moods**2 / between / _TAIL) ** (-(_TAIL + 1) / 2)
    return density


def _moods(likelihood: Array, grid: Array, between: float) -> tuple[Array, float]:
    """The expected mood of each run, and how much the moods vary."""
    weight = np.exp(likelihood - likelihood.max(axis=1, keepdims=True)) * _effect(grid, between)
    weight /= weight.sum(axis=1, keepdims=True)
    mood = weight @ grid
    square = np.maximum(weight @ grid**2 - mood**2, 0)
    mood = mood - np.median(mood)
    return mood, float(np.mean(np.minimum(mood**2 + square, 9 * between)))


def _score(likelihood: Array, grid: Array) -> Array:
    total = likelihood.sum(axis=0)
    top = int(np.clip(total.argmax(), 1, len(grid) - 2))
    step = grid[1] - grid[0]
    score = (likelihood[:, top + 1] - likelihood[:, top - 1]) / (2 * step)
    bend = (2 * total[top] - total[top + 1] - total[top - 1]) / step**2 / len(likelihood)
    # The curvature at one point of an estimated likelihood is rough; the score's variance bounds it from below.
    information = max(bend, 0.3 * float(np.mean(score**2)), 1e-12)
    level: Array = grid[top] + score / information
    return level
