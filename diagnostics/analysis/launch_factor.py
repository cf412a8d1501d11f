"""What all phases of a launch have in common: the mood of its machine at that moment.

Phases of one launch are slower together, so tests of single phases are fooled together. The factor of a launch is the
median over its phases of their deviation on the log scale (the median of ratios of DESeq; Anders & Huber 2010). Inside
each side it is taken from the side's own medians, so that a true change between the sides cannot enter; between the
sides it is the precision-weighted median of the phases' changes, those that plainly changed by themselves left out.
Fewer than ``CHORUS`` phases have no common factor: there the change of one would be taken for the mood of all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.analysis.measured_table import Floats, Table, medians

CHORUS = 20
_PLAIN = 2.5
_PASSES = 3
# The median of normal values over their median absolute deviation.
NORMAL_MAD = 0.6745


@dataclass(frozen=True, slots=True)
class Steadied:
    """A table without the launches' factors, and those factors (logs, one a column)."""

    table: Table
    factors: Floats


def without_launch_factors(table: Table, voters: NDArray[np.bool_]) -> Steadied:
    """Take each launch's factor, within its side and stratum, out of all rows; ``voters`` are the rows that tell it."""
    if int(voters.sum()) < CHORUS:
        return Steadied(table, np.zeros(table.logs.shape[1]))
    factors = np.zeros(table.logs.shape[1])
    for columns in table.cells():
        told = table.logs[np.ix_(voters, columns)]
        away = (told - medians(told)[:, None]).T
        found = medians(away)
        factors[columns] = np.where(np.isfinite(found), found, 0.0)
    return Steadied(replace(table, logs=table.logs - factors), factors)


def common_change(changes: Floats, errors: Floats) -> float:
    """The change on the log scale that most phases share; 0 for fewer than ``CHORUS`` of them."""
    told = np.isfinite(changes) & np.isfinite(errors) & (errors > 0)
    if int(told.sum()) < CHORUS:
        return 0.0
    change, error = changes[told], errors[told]
    kept = np.ones(len(change), dtype=bool)
    common = 0.0
    for _ in range(_PASSES):
        common = _weighted_median(change[kept], 1 / error[kept])
        away = np.abs(change - common) / error
        kept = away <= _PLAIN * max(float(np.median(away)) / NORMAL_MAD, 1e-9)
    return common


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
