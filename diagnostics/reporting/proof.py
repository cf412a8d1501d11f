"""The proof behind a regression: the launches before it against those since, compared as /compare/ does."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from diagnostics import comparing
from diagnostics.comparing import SideBySide
from diagnostics.models import Finding, Launch, PhaseRecord, Regression
from diagnostics.querysets.reports import Scope
from diagnostics.querysets.selector import SelectorError
from diagnostics.records import Comparison, LaunchStatus
from diagnostics.reporting.content import Detail, Part, Reason, Row, Waterfall

LAUNCHES = 20  # a side
# Launches may have 100,000 phases: of such, fewer are compared.
MOST_PHASES = 100_000
PARTS, ROWS, CANDIDATES = 6, 12, 200


class Proofs:
    """Regressions of one service that began with the same launch share their comparison."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._known: dict[UUID, Detail | None] = {}

    def of(self, regression: Regression) -> Detail | None:
        first = regression.first_launch
        if first.pk not in self._known:
            self._known[first.pk] = self._made(first)
        return self._known[first.pk]

    def _made(self, first: Launch) -> Detail | None:
        like = Launch.objects.comparable_to(first).filter(status=LaunchStatus.SUCCESS)
        like = like.exclude(state=Launch.State.RECEIVED).order_by("-start_time", "-id")
        before = _some(like.filter(start_time__lt=first.start_time))
        since = _some(like.filter(start_time__gte=first.start_time, received_at__lt=self._scope.until))
        try:
            return _detail(comparing.compare(",".join(map(str, before)), ",".join(map(str, since))))
        except SelectorError:
            return None  # a side has no launch left: retention, or all that came since failed


def _some(launches: QuerySet[Launch]) -> list[UUID]:
    """The newest launches of a side, as many as can be compared in a moment."""
    chosen: list[UUID] = []
    phases = 0
    for pk, count in launches.values_list("pk", "phase_count")[:LAUNCHES]:
        phases += count
        if chosen and phases > MOST_PHASES:
            break
        chosen.append(pk)
    return chosen


def _detail(pair: SideBySide) -> Detail:
    total = pair.comparison.total
    middles = [comparing.middle(side) for side in (pair.baseline, pair.candidate)]
    return Detail(
        baseline=[str(one.pk) for one in pair.baseline],
        candidate=[str(one.pk) for one in pair.candidate],
        baseline_ns=total.baseline,
        candidate_ns=total.candidate,
        delta_ns=total.delta,
        verdict=str(total.verdict),
        parts=_parts(pair.comparison),
        waterfall=_waterfall(*middles),
        finding=_finding([middles[1].pk, *(one.pk for one in pair.candidate)]),
        notes=list(pair.comparison.notes),
    )


def _parts(comparison: Comparison) -> list[Part]:
    """The largest contributions, the sum of the others, and what no phase covers: together the whole change."""
    changed = [delta for delta in comparison.phases if delta.contribution]
    parts = [
        Part(leaf(one.phase), "phase", one.contribution, one.contribution_low, one.contribution_high)
        for one in changed[:PARTS]
    ]
    if rest := changed[PARTS:]:
        parts.append(Part("", "others", sum(one.contribution for one in rest), count=len(rest)))
    waiting = comparison.unaccounted
    if waiting.contribution:
        ends = (waiting.contribution_low, waiting.contribution_high)
        parts.append(Part("", "unaccounted", waiting.contribution, *ends))
    return parts


def leaf(path: str | None) -> str:
    return (path or "").rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _waterfall(baseline: Launch, candidate: Launch) -> Waterfall | None:
    before, after = _phases(baseline), _phases(candidate)
    if not before and not after:
        return None
    return Waterfall(
        str(baseline.pk), str(candidate.pk), baseline.total_ns or 0, candidate.total_ns or 0, _rows(before, after)
    )


def _phases(launch: Launch) -> dict[tuple[str, int], PhaseRecord]:
    """The longest phases by path; phases of one path, as of many ranks, by their order."""
    rows = PhaseRecord.objects.filter(launch=launch).select_related("series").largest(CANDIDATES)
    found: dict[tuple[str, int], PhaseRecord] = {}
    for row in sorted(rows, key=lambda one: one.position):
        again = 0
        while (row.series.path, again) in found:
            again += 1
        row.start_time -= launch.start_time
        found[row.series.path, again] = row
    return found


def _rows(before: dict[tuple[str, int], PhaseRecord], after: dict[tuple[str, int], PhaseRecord]) -> list[Row]:
    keys = list(dict.fromkeys([*after, *before]))

    def weight(key: tuple[str, int]) -> int:
        sides = [side[key].duration_ns for side in (before, after) if key in side]
        return max(sides) + (max(sides) - min(sides) if len(sides) == 2 else max(sides))

    kept = set(sorted(keys, key=weight, reverse=True)[:ROWS])
    # In the order of the launch, a phase before those inside it.
    order = sorted(kept, key=lambda key: ((after.get(key) or before[key]).start_time, key[0].count("/"), key))
    return [_row(before.get(key), after.get(key)) for key in order]


def _row(before: PhaseRecord | None, after: PhaseRecord | None) -> Row:
    shown = after or before
    assert shown is not None
    sides = [(one.start_time, one.duration_ns) if one else None for one in (before, after)]
    return Row(shown.series.name, min(shown.depth, 4), sides[0], sides[1], shown.critical)


def _finding(launches: Sequence[UUID]) -> Reason | None:
    """The largest finding of the first of these launches that has one."""
    rows = {one.launch_id: one for one in Finding.objects.filter(launch__in=launches, position=0)}
    one = next((rows[pk] for pk in launches if pk in rows), None)
    if one is None:
        return None
    return Reason(one.reason, one.layer, one.text, one.advice, one.confidence, str(one.launch_id))
