"""Two launches or two groups of launches, phase by phase: what changed, is it sure, and what does it add to the total.

Tests: a moderated t on log durations, the launches' common factor taken out first (``two_groups``); the total and the
waiting time are tested by themselves. The unit is the launch while each side is one run, else the run. Launches that
never got ready have a total of at least what was seen (``censored_totals``). With one launch on a side there is no
statistic at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.analysis.censored_totals import gehan_p
from diagnostics.analysis.comparison_rows import Row, delta, rows_of
from diagnostics.analysis.launch_sides import Sides, sides
from diagnostics.analysis.measured_table import BASELINE, CANDIDATE, Floats
from diagnostics.analysis.modes import bimodal
from diagnostics.analysis.thresholds import Least
from diagnostics.analysis.two_groups import Evidence, weigh
from diagnostics.analysis.verdicts import Finding, finding, launch_factor
from diagnostics.records import Comparison, Delta, Floors, Sample

Groups = Sequence[Sequence[Sample]]
MOST_CENSORED = 0.25
TOO_FEW_RUNS = "There are too few runs to tell how far they lie apart: what differs may be the day or the machine."


def compare(
    baseline: Sequence[Sample], candidate: Sequence[Sample], least: Floors | Least, history: Groups = ()
) -> Comparison:
    """Compare two groups of at least one launch each; ``ValueError`` if a side is empty.

    ``baseline`` and ``candidate`` of a delta are medians over the launches that have the phase, ``None`` where none has
    it; ``ratio`` is theirs, ``low`` and ``high`` bound it. Contributions are those of ``attribution``. ``history`` are
    groups of other launches of the same service (a version each): how far the runs inside a group lie apart counts as
    much as it does inside the sides.

    ``regressed`` and ``improved`` need q < 0.05 and a change beyond both floors, with and without what all phases
    changed by together; ``unchanged`` needs that a doubling would have been seen; else it is ``not enough data``.
    """
    if not baseline or not candidate:
        raise ValueError("There is no launch to compare on one of the sides.")
    if isinstance(least, Floors):
        least = Least(least)
    both = sides(baseline, candidate, history)
    rows = rows_of((baseline, candidate), both.matched())
    evidence, phases = _phases(both, rows.phases, least)
    phases.sort(key=lambda one: (-abs(one.contribution), -abs(one.delta), one.phase or ""))
    return Comparison(
        total=_with_censored_note(delta(rows.total, _total(both, rows.total.ratio), least), baseline, candidate),
        phases=phases,
        unaccounted=_with_rest_note(delta(rows.waiting, _alone(both, [one.waiting for one in both.launches]), least)),
        factor=launch_factor(evidence, least.general) if evidence else None,
        runs=both.runs,
        notes=list(_notes(both)),
    )


def _phases(both: Sides, rows: Sequence[Row], least: Least) -> tuple[Evidence | None, list[Delta]]:
    """Phases too short in every launch to pass the floor are a family of their own: they can raise no flag, and must
    not make it harder for those that can. Looking at both sides at once, this favours neither."""
    if min(both.counts) == 1 or not rows:
        return None, [delta(row, None, least) for row in rows]
    values = both.durations([row.phase or "" for row in rows])
    evidence = weigh(
        both.table(values), np.nan_to_num(values[:, both.compared]).max(axis=1) > _floor_durations(rows, least)
    )
    two_modes = _two_modes(both, values)
    return evidence, [
        delta(row, finding(evidence, place), least, bool(two_modes[place])) for place, row in enumerate(rows)
    ]


def _floor_durations(rows: Sequence[Row], least: Least) -> Floats:
    """In ns; what is ignored is never beyond."""
    every = (least.of(row.phase) for row in rows)
    return np.array([math.inf if floors is None else floors.duration for floors in every])


def _two_modes(both: Sides, values: Floats) -> NDArray[np.bool_]:
    measured = both.table(values)
    found = np.zeros(len(values), dtype=bool)
    for columns in measured.cells():
        if both.compared[columns[0]]:
            found |= bimodal(measured.logs[:, columns])
    return found


def _alone(both: Sides, values: Sequence[int]) -> Finding | None:
    """One row by itself: no other lends it certainty, nothing is common to take out."""
    if min(both.counts) == 1:
        return None
    return finding(weigh(both.table(np.array([values], dtype=np.float64)), np.array([True])), 0)


def _total(both: Sides, ratio: float | None) -> Finding | None:
    """Where launches never got ready, Gehan's test decides; where runs are the unit, which it does not know, both. The
    ratio is then that of the medians, without an interval: the times as seen would give a wrong one."""
    found = _alone(both, [one.total for one in both.launches])
    of = np.flatnonzero(both.compared).tolist()
    judged = [both.launches[place] for place in of]
    if found is None or not any(one.censored for one in judged):
        return found
    p = gehan_p(
        [one.total for one in judged],
        [one.censored for one in judged],
        (both.side[of] == CANDIDATE).tolist(),
        both.stratum[of].tolist(),
    )
    q = max(p, found.q) if both.has_runs else p
    # Of a side with so many, times as seen do not tell what could have been seen.
    step = math.inf if _most_censored(both, judged) > MOST_CENSORED else found.step
    return replace(found, q=q, ratio=ratio or 1.0, low=math.nan, high=math.nan, step=step)


def _most_censored(both: Sides, judged: Sequence[Sample]) -> float:
    """The larger share of the two sides."""
    of = both.side[both.compared]
    return max(float(np.mean([one.censored for one, side in zip(judged, of, strict=True) if side == which]))
               for which in (BASELINE, CANDIDATE))  # fmt: skip


def _notes(both: Sides) -> Iterator[str]:
    yield from both.notes
    if min(both.counts) > 1 and not both.has_runs:
        yield TOO_FEW_RUNS


def _with_censored_note(total: Delta, *groups: Sequence[Sample]) -> Delta:
    failed = [sum(one.censored for one in side) for side in groups]
    if not any(failed):
        return total
    told = " and ".join(
        f"{count} of {len(side)} {name} launches"
        for count, side, name in zip(failed, groups, ("baseline", "candidate"), strict=True)
        if count
    )
    return replace(total, note=f"{total.note} {told} never got ready: they count as longer than seen.".strip())


def _with_rest_note(rest: Delta) -> Delta:
    if rest.contribution == rest.delta:
        return rest
    told = "Its contribution is what the phases leave of the total's change: medians do not add up by themselves."
    return replace(rest, note=f"{rest.note} {told}".strip())
