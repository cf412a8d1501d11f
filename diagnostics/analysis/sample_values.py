"""Two groups of bare values by phase, without totals or paths: what ``manage.py compare_samples`` judges.

The same tests as a comparison of launches. The j-th value of the r-th run of a side is taken for the same launch in
every phase, so that what the phases of a launch share can be taken out. Where phases hold different numbers of values,
nothing says which value belongs to which launch, and values are taken in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from diagnostics.analysis.measured_table import BASELINE, CANDIDATE, Floats, Table, table
from diagnostics.analysis.two_groups import weigh
from diagnostics.analysis.verdicts import Finding, finding, verdict
from diagnostics.records import Floors, Verdict

Runs = Sequence[Sequence[float]]


def compare_values(
    phases: Mapping[str, tuple[Runs, Runs]], floors: Floors
) -> dict[str, tuple[Verdict, Finding | None]]:
    """By phase: baseline and candidate, each the values (ns, at least 0) of its runs. A phase without values on one
    side, or all phases where a side has but one launch, are ``not enough data``."""
    measured, values = _table(phases)
    longest = np.nanmax(np.where(np.isnan(values), 0.0, values), axis=1, initial=0.0)
    evidence = weigh(measured, longest > floors.duration)
    single = min(int((measured.side == side).sum()) for side in (BASELINE, CANDIDATE)) < 2
    judged = {}
    for row, name in enumerate(phases):
        found = None if single else finding(evidence, row)
        middles = [_middle(values[row, measured.side == side]) for side in (BASELINE, CANDIDATE)]
        judged[name] = verdict(found, middles[1] - middles[0], middles[0], floors), found
    return judged


def _table(phases: Mapping[str, tuple[Runs, Runs]]) -> tuple[Table, Floats]:
    """As many columns for a run as its longest phase has values."""
    places = [(side, run, launch) for side in (BASELINE, CANDIDATE) for run, launch in _launches(phases, side)]
    values = np.full((len(phases), len(places)), np.nan)
    at = {place: column for column, place in enumerate(places)}
    for row, sides in enumerate(phases.values()):
        for side, runs in enumerate(sides):
            for run, launches in enumerate(runs):
                first = at.get((side, run, 0), 0)
                values[row, first : first + len(launches)] = launches
    of_side, run_of = (np.array([place[part] for place in places], dtype=np.int64) for part in (0, 1))
    return table(values, of_side, 2 * run_of + of_side, np.zeros(len(places), dtype=np.int64)), values


def _launches(phases: Mapping[str, tuple[Runs, Runs]], side: int) -> list[tuple[int, int]]:
    lengths: dict[int, int] = {}
    for sides in phases.values():
        for run, launches in enumerate(sides[side]):
            lengths[run] = max(lengths.get(run, 0), len(launches))
    return [(run, launch) for run, length in sorted(lengths.items()) for launch in range(length)]


def _middle(values: Floats) -> float:
    told = values[~np.isnan(values)]
    return float(np.median(told)) if len(told) else 0.0
