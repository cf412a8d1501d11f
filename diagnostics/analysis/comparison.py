"""Two launches or two groups of launches, phase by phase: what changed, is it sure, and what does it add to the total.

The unit of every statistic is the launch. Least samples: with one launch on a side there is no statistic at all; a
phase can be flagged once its groups are large enough for the test to get below 5 % after allowing for all phases long
enough to pass the floors (4 against 4 for the total alone, 8 against 8 for 300 phases if only one of them changed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from diagnostics.analysis.ranks import LEVEL, Evidence, weigh
from diagnostics.records import Comparison, Delta, Floors, Sample, Verdict

UNACCOUNTED = "unaccounted"


@dataclass(frozen=True, slots=True)
class _Row:
    """The values in ns of one phase (``None``: the total) in the launches that have it, and its part of the change."""

    phase: str | None
    baseline: Sequence[int]
    candidate: Sequence[int]
    contribution: int
    on_path: bool = True

    @property
    def tested(self) -> tuple[Sequence[int], Sequence[int]]:
        """A phase that one side never had took no time there."""
        return self.baseline or [0] * len(self.candidate), self.candidate or [0] * len(self.baseline)

    @property
    def medians(self) -> tuple[int | None, int | None]:
        return (median(self.baseline) if self.baseline else None, median(self.candidate) if self.candidate else None)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What the two sides allow to say: how many launches each has, and the least effect worth a flag."""

    baseline: int
    candidate: int
    floors: Floors

    @property
    def single(self) -> bool:
        return min(self.baseline, self.candidate) == 1


def compare(baseline: Sequence[Sample], candidate: Sequence[Sample], floors: Floors) -> Comparison:
    """Compare two groups of at least one launch each; ``ValueError`` if a side is empty.

    ``baseline`` and ``candidate`` of a delta are medians over the launches that have the phase, ``None`` where none has
    it. ``ratio`` is candidate / baseline of these medians. A contribution is the difference of the median times on the
    critical path; ``unaccounted`` carries what is left of the total's change, so that all of them sum to it exactly.

    ``regressed`` and ``improved`` need q < 0.05 and a change beyond both floors; ``unchanged`` needs enough launches
    that some change would have been significant; else it is ``not enough data``. ``least_effect`` is the larger of
    ``Evidence.step`` and the floors. The phases are tested together, the total and the waiting time each by
    itself.
    """
    if not baseline or not candidate:
        raise ValueError("There is no launch to compare on one of the sides.")
    terms = _Terms(len(baseline), len(candidate), floors)
    total = _whole(None, baseline, candidate, lambda sample: sample.total)
    rows = _phase_rows(baseline, candidate)
    rest = total.contribution - sum(row.contribution for row in rows)
    waiting = replace(_whole(UNACCOUNTED, baseline, candidate, lambda sample: sample.waiting), contribution=rest)
    deltas = [_delta(row, found, terms) for row, found in zip(rows, _weigh(rows, terms), strict=True)]
    deltas = _with_path_notes(rows, deltas)
    deltas.sort(key=lambda delta: (-abs(delta.contribution), -abs(delta.delta), delta.phase or ""))
    return Comparison(
        total=_delta(total, _weigh([total], terms)[0], terms),
        phases=deltas,
        unaccounted=_with_rest_note(_delta(waiting, _weigh([waiting], terms)[0], terms)),
    )


def median(values: Iterable[int]) -> int:
    """The median of at least one integer, rounded down: an integer that does not change with the platform."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2


def _whole(
    phase: str | None, baseline: Sequence[Sample], candidate: Sequence[Sample], value: Callable[[Sample], int]
) -> _Row:
    before, after = [value(sample) for sample in baseline], [value(sample) for sample in candidate]
    return _Row(phase, before, after, median(after) - median(before))


def _phase_rows(baseline: Sequence[Sample], candidate: Sequence[Sample]) -> list[_Row]:
    rows = []
    for path in dict.fromkeys(path for sample in (*baseline, *candidate) for path in sample.durations):
        before, after = ([s.durations[path] for s in side if path in s.durations] for side in (baseline, candidate))
        own, new = (median(s.critical_times.get(path, 0) for s in side) for side in (baseline, candidate))
        rows.append(_Row(path, before, after, new - own, own > 0 or new > 0))
    return rows


def _weigh(rows: Sequence[_Row], terms: _Terms) -> Sequence[Evidence | None]:
    """Evidence per row. Phases too short in every launch to pass the floor are a family of their own: they can raise no
    flag, and must not make it harder for those that can. Looking at both sides at once, this favours neither."""
    found: list[Evidence | None] = [None] * len(rows)
    if terms.single:
        return found
    long = [max((*row.baseline, *row.candidate)) > terms.floors.duration for row in rows]
    for family in (True, False):
        places = [place for place, is_long in enumerate(long) if is_long is family]
        for place, evidence in zip(places, weigh([rows[place].tested for place in places]), strict=True):
            found[place] = evidence
    return found


def _delta(row: _Row, evidence: Evidence | None, terms: _Terms) -> Delta:
    before, after = row.medians
    change = (after or 0) - (before or 0)
    ratio = after / before if before and after is not None else None
    low, high = (evidence.low, evidence.high) if evidence and ratio is not None else (None, None)
    if ratio is not None and low is not None and high is not None:
        # The interval is centred on the Hodges-Lehmann ratio; that of the medians may lie just outside.
        low, high = min(low, ratio), max(high, ratio)
    verdict = _verdict(change, before, evidence, terms.floors)
    return Delta(
        phase=row.phase,
        baseline=before,
        candidate=after,
        delta=change,
        ratio=ratio,
        low=low,
        high=high,
        q=evidence.q if evidence else None,
        verdict=verdict,
        contribution=row.contribution,
        least_effect=_least_effect(before, after, evidence, terms.floors),
        note=" ".join(_notes(row, change, evidence, verdict, terms)),
    )


def _verdict(change: int, before: int | None, evidence: Evidence | None, floors: Floors) -> Verdict:
    if evidence is None:
        return Verdict.NOT_ENOUGH_DATA
    if evidence.q < LEVEL and beyond(change, before or 0, floors):
        return Verdict.REGRESSED if change > 0 else Verdict.IMPROVED
    return Verdict.UNCHANGED if evidence.step is not None else Verdict.NOT_ENOUGH_DATA


def beyond(change: int, expected: int, floors: Floors) -> bool:
    """Is a change in ns from ``expected`` worth a flag: larger than both floors?"""
    return abs(change) > floors.duration and abs(change) > floors.ratio * expected


def _least_effect(before: int | None, after: int | None, evidence: Evidence | None, floors: Floors) -> float | None:
    if not before or after is None or evidence is None or evidence.step is None:
        return None
    return max(evidence.step, floors.ratio, floors.duration / before)


def _notes(row: _Row, change: int, evidence: Evidence | None, verdict: Verdict, terms: _Terms) -> Iterable[str]:
    before, after = len(row.baseline), len(row.candidate)
    if not before:
        yield f"New: in {after} of {terms.candidate} candidate launches and in no baseline launch."
    elif not after:
        yield f"Gone: in {before} of {terms.baseline} baseline launches and in no candidate launch."
    elif (before, after) != (terms.baseline, terms.candidate):
        yield (
            f"In {before} of {terms.baseline} baseline launches and in {after} of {terms.candidate} candidate launches."
        )
    if terms.single:
        sides = "each side" if terms.baseline == terms.candidate else "one side"
        yield f"One launch on {sides}: no statistics."
    elif verdict == Verdict.NOT_ENOUGH_DATA:
        yield "Too few launches for any change to be significant."
    elif verdict == Verdict.UNCHANGED and evidence and evidence.q < LEVEL and change:
        yield "Differs, but by less than is worth a flag."


def _with_path_notes(rows: Sequence[_Row], deltas: Sequence[Delta]) -> list[Delta]:
    """Say of what grew without adding to the total why it did not."""
    around = set[str]()
    for row in rows:
        if row.on_path and row.phase:
            names = row.phase.split("/")
            around.update("/".join(names[:depth]) for depth in range(1, len(names)))
    noted = []
    for row, delta in zip(rows, deltas, strict=True):
        if delta.delta > 0 and not row.contribution and not row.on_path:
            carried = "Phases inside it carry its part of the critical path."
            why = carried if row.phase in around else "Grew off the critical path: the launch did not wait for it."
            delta = replace(delta, note=f"{delta.note} {why}".strip())
        noted.append(delta)
    return noted


def _with_rest_note(delta: Delta) -> Delta:
    if delta.contribution == delta.delta:
        return delta
    rest = "Its contribution is what the phases leave of the total's change: medians do not add up by themselves."
    return replace(delta, note=f"{delta.note} {rest}".strip())
