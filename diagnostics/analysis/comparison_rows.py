"""The rows of a comparison: of each phase its medians, its part of the total's change, and what is said of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from diagnostics.analysis.attribution import Attribution, Part, attribute, ended, total_of
from diagnostics.analysis.integer_median import median
from diagnostics.analysis.thresholds import Least, worded
from diagnostics.analysis.verdicts import Finding, beyond, verdict
from diagnostics.records import Delta, Floors, Sample, Verdict

UNACCOUNTED = "unaccounted"
Side = Sequence[Sample]
# Said of every row where a side is a single launch; a page says it once instead.
SINGLE = ("One launch on each side: no statistics.", "One launch on one side: no statistics.")


@dataclass(frozen=True, slots=True)
class Row:
    """The medians in ns of one phase (``None``: the total), in how many launches of each side it is (``launches`` of
    ``of``), and its part of the change. ``around_path``: phases inside it are on the critical path. ``lost``: a side
    has it in no launch, and none of that side got ready."""

    phase: str | None
    baseline: int | None
    candidate: int | None
    launches: tuple[int, int]
    of: tuple[int, int]
    part: Part
    on_path: bool = True
    around_path: bool = False
    lost: bool = False

    @property
    def change(self) -> int:
        return (self.candidate or 0) - (self.baseline or 0)

    @property
    def ratio(self) -> float | None:
        return self.candidate / self.baseline if self.baseline and self.candidate is not None else None


@dataclass(frozen=True, slots=True)
class Rows:
    phases: Sequence[Row]
    total: Row
    waiting: Row


def rows_of(counted: tuple[Side, Side], matched: tuple[Side, Side] | None = None) -> Rows:
    """Medians and parts of two sides; of those ``matched`` to them, in which launches may be left out or repeated."""
    sides = matched or counted
    baseline, candidate = sides
    split = attribute(baseline, candidate)
    counts = (len(counted[0]), len(counted[1]))
    waited = [median(one.waiting for one in ended(side)) for side in (baseline, candidate)]
    return Rows(
        phases=_phases(split, sides, counted),
        total=Row(None, total_of(baseline), total_of(candidate), counts, counts, Part(split.total)),
        waiting=Row(UNACCOUNTED, waited[0], waited[1], counts, counts, split.unaccounted),
    )


def _phases(split: Attribution, sides: tuple[Side, Side], counted: tuple[Side, Side]) -> list[Row]:
    carried = {path for path, part in split.phases.items() if part.on_path}
    around = _around(carried)
    of = (len(counted[0]), len(counted[1]))
    rows = []
    told = dict.fromkeys(path for side in counted for sample in side for path in sample.durations)
    for path in told | dict.fromkeys(split.phases):
        before, after = ([one.durations[path] for one in side if path in one.durations] for side in sides)
        there = [len(before), len(after)]
        if sides is not counted:
            there = [sum(path in one.durations for one in side) for side in counted]
        rows.append(
            Row(
                phase=path,
                baseline=median(before) if before else None,
                candidate=median(after) if after else None,
                launches=(there[0], there[1]),
                of=of,
                part=split.phases.get(path, Part(0, 0, 0)),
                on_path=path in carried,
                around_path=path in around,
                lost=any(total and not here and all(one.censored for one in side)
                         for total, here, side in zip(of, there, counted, strict=True)),
            )
        )  # fmt: skip
    return rows


def _around(paths: Iterable[str]) -> set[str]:
    """Every phase that has one of these inside it."""
    names = [path.split("/") for path in paths]
    return {"/".join(name[:depth]) for name in names for depth in range(1, len(name))}


def delta(row: Row, found: Finding | None, least: Least, two_modes: bool = False) -> Delta:
    floors = least.of(row.phase)
    decided = verdict(found, row.change, row.baseline or 0, floors)
    low, high = _bounds(row.ratio, found)
    return Delta(
        phase=row.phase,
        baseline=row.baseline,
        candidate=row.candidate,
        delta=row.change,
        ratio=row.ratio,
        low=low,
        high=high,
        q=found.q if found else None,
        verdict=decided,
        contribution=row.part.change,
        least_effect=_least_effect(row, found, floors),
        note=" ".join((*_notes(row, found, decided, floors, two_modes), *_own_rule(floors, least.general))),
        contribution_low=row.part.low,
        contribution_high=row.part.high,
        bimodal=two_modes,
    )


def _bounds(ratio: float | None, found: Finding | None) -> tuple[float | None, float | None]:
    """Of the ratio as measured: what all phases share is put back. It is about the means of the logarithms, so the
    ratio of the medians may lie just outside."""
    if ratio is None or found is None or math.isnan(found.low):
        return None, None
    return min(found.low * found.common, ratio), max(found.high * found.common, ratio)


def _least_effect(row: Row, found: Finding | None, floors: Floors | None) -> float | None:
    if found is None or floors is None or row.ratio is None or not row.baseline or math.isinf(found.step):
        return None
    return max(found.step, floors.ratio, floors.duration / row.baseline)


def _notes(row: Row, found: Finding | None, decided: Verdict, floors: Floors | None, two_modes: bool) -> Iterator[str]:
    yield from _presence(row)
    if found is None:
        if min(row.of) == 1:
            yield SINGLE[row.of != (1, 1)]
        else:
            yield "Too few launches for any change to be told from chance."
    elif decided == Verdict.NOT_ENOUGH_DATA and math.isinf(found.step):
        yield "So many launches never got ready that no change of the others can be ruled out."
    elif decided == Verdict.NOT_ENOUGH_DATA:
        yield "Varies so much that even a doubling would not have been seen in so few launches."
    elif decided == Verdict.UNCHANGED and floors:
        yield from _why_not(row, found, floors)
    if two_modes:
        yield "Has two usual lengths: look at its launches one by one before trusting one number."
    if row.change > 0 and not row.part.change and not row.on_path:
        carried = "Phases inside it carry its part of the critical path."
        yield carried if row.around_path else "Grew off the critical path: the launch did not wait for it."


def _own_rule(floors: Floors | None, general: Floors) -> Iterator[str]:
    """What a threshold of the service says of this phase."""
    if floors is None:
        yield "Never flagged: a threshold of the service leaves this phase out."
    elif floors is not general:
        yield f"Flagged only beyond {worded(floors)}: a threshold of the service."


def _presence(row: Row) -> Iterator[str]:
    (before, after), (all_before, all_after) = row.launches, row.of
    if row.lost:
        yield "One side never got through it: its launches failed before its end."
    elif not before:
        yield f"New: in {after} of {all_after} candidate launches and in no baseline launch."
    elif not after:
        yield f"Gone: in {before} of {all_before} baseline launches and in no candidate launch."
    elif row.launches != row.of:
        yield f"In {before} of {all_before} baseline launches and in {after} of {all_after} candidate launches."


def _why_not(row: Row, found: Finding, floors: Floors) -> Iterator[str]:
    """Why something that moved is no flag."""
    is_far = beyond(row.change, row.baseline or 0, floors)
    shared = found.common - 1
    if is_far and abs(shared) > floors.ratio and shared * row.change > 0:
        yield f"Moved with the whole launch ({shared:+.0%}), not by itself."
    elif found.q < 0.05 and row.change and not is_far:
        yield "Differs, but by less than is worth a flag."
