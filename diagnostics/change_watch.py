"""Looking on: every judged launch joins what is remembered of its sort, and shows which levels have changed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from diagnostics import triage
from diagnostics.analysis.change_points import DEFAULT
from diagnostics.analysis.change_points.judging import Changed, judge
from diagnostics.analysis.change_points.watched import TOTAL, Kept, Watched
from diagnostics.analysis.launch_runs import Circumstances, run_of
from diagnostics.analysis.thresholds import floors_of, lowest
from diagnostics.charts.duration import human
from diagnostics.floors import floors
from diagnostics.models import BaselinePolicy, ChangePoint, Launch, Series, WatchState
from diagnostics.querysets.change_points import phases_of, phases_of_many
from diagnostics.records import LaunchStatus

MOST_PHASES = 2000  # of a launch are watched, the longest
MOST_LAUNCHES, MOST_ROWS = 1000, 200_000  # looked back at when what is remembered is made anew
ENOUGH_RUNS = 20  # from which on the run is the unit
REPEATED = 0.8


@dataclass(frozen=True, slots=True)
class Outlook:
    """Which series (0: the total) the rule for short histories still judges."""

    short: frozenset[int]
    far: frozenset[int]
    known: frozenset[int]

    def is_left_to_flags(self, series: int | None) -> bool:
        one = series or TOTAL
        return one in self.short or one in self.far or one not in self.known


def watch(launch: Launch, policy: BaselinePolicy | None) -> Outlook:
    """Look at a judged launch; must run in its transaction. What has become slower for sure is a regression's sighting.

    A launch that did not succeed says nothing of levels, and one seen before, or too late, nothing new.
    """
    like, begins_at = _sort(launch, policy), (policy.begins_at if policy else None) or 0
    # Of two workers the second waits here, and sees what the first has remembered.
    state, _ = WatchState.objects.select_for_update().get_or_create(service_id=launch.service_id, like=like)
    if state.facts is None or state.begins_at != begins_at:
        watched = _anew(launch, policy, begins_at)
    else:
        watched = Watched.restored(state.facts, bytes(state.raw), bytes(state.settled))
        if watched.by_run and settings.CHANGE_POINTS != "own":  # the setting has changed since
            watched = _anew(launch, policy, begins_at)
    durations = _durations(launch, watched, policy)
    counts = launch.status == LaunchStatus.SUCCESS and launch.start_time >= begins_at
    joined = counts and _join(watched, launch, durations)
    if joined and _is_run_by_now(watched):
        watched = _anew(launch, policy, begins_at, by_run=True)
        _join(watched, launch, durations)
    first = watched.units()[0]
    changes = ChangePoint.objects.changes(launch.service_id, like, first[0].start if first else 0)
    own = settings.CHANGE_POINTS == "own"
    judged = judge(watched, durations, changes if own else {}, settings.CHANGE_POINTS)
    if joined:
        _save(state, watched, begins_at)
        _record(launch, like, policy, judged.changed, set(durations))
    return Outlook(judged.short, judged.far, judged.known)


def like_of(start_class: str, begins_with: str, host_class: str = "") -> str:
    return json.dumps([start_class, begins_with, host_class], ensure_ascii=False)


def _sort(launch: Launch, policy: BaselinePolicy | None) -> str:
    label = policy.host_class if policy else ""
    return like_of(launch.start_class, launch.begins_with, str(launch.labels.get(label, "")) if label else "")


def _least(policy: BaselinePolicy | None) -> int:
    """Phases shorter than this cannot change by as much as the floors ask for without growing beyond it."""
    return lowest(policy.rules if policy else [], floors()).duration // 2


def _durations(launch: Launch, watched: Watched, policy: BaselinePolicy | None) -> dict[int, int]:
    phases = phases_of(launch.pk, _least(policy), watched.series, MOST_PHASES)
    return {**phases, TOTAL: launch.total_ns or 0}


def _join(watched: Watched, launch: Launch, durations: dict[int, int]) -> bool:
    run = watched.run_of(_circumstances(launch))
    if run != watched.last_run and all(run != one.run for one in watched.launches):
        watched.seen += 1
    watched.last_run = run
    return watched.join(Kept(str(launch.pk), launch.start_time, run, run), durations)


def _circumstances(launch: Launch) -> Circumstances:
    return Circumstances(launch.start_time, launch.host.name if launch.host else "", launch.version, launch.labels)


def _is_run_by_now(watched: Watched) -> bool:
    if watched.by_run or watched.seen < ENOUGH_RUNS or settings.CHANGE_POINTS != "own":
        return False
    return len({one.run for one in watched.launches}) < REPEATED * len(watched.launches)


def _anew(launch: Launch, policy: BaselinePolicy | None, begins_at: int, by_run: bool = False) -> Watched:
    """From the newest judged launches of the sort, this one left out; a bounded number of them."""
    like = Launch.objects.comparable_to(launch).filter(state=Launch.State.JUDGED, status=LaunchStatus.SUCCESS)
    like = like.filter(start_time__gte=begins_at).exclude(pk=launch.pk).select_related("host")
    if policy and policy.host_class:
        key = policy.host_class
        same = {"labels__contains": {key: launch.labels[key]}} if key in launch.labels else {}
        like = like.filter(**same) if same else like.exclude(labels__has_key=key)
    most = max(DEFAULT.window, min(MOST_LAUNCHES, MOST_ROWS // max(launch.phase_count, 1)))
    newest = list(like.order_by("-start_time", "-id")[:most])[::-1]
    begun: dict[str, tuple[int, int]] = {}
    seen = len({run_of(_circumstances(one), begun) for one in newest})
    by_run = by_run or (seen >= ENOUGH_RUNS and seen < REPEATED * len(newest) and settings.CHANGE_POINTS == "own")
    kept = newest if by_run else newest[-DEFAULT.window :]
    phases = phases_of_many([one.pk for one in kept], _least(policy)) if kept else {}
    watched = Watched(by_run=by_run)
    for one in kept:
        _join(watched, one, {**phases.get(one.pk, {}), TOTAL: one.total_ns or 0})
    watched.seen = seen
    return watched


def _save(state: WatchState, watched: Watched, begins_at: int) -> None:
    recent = (watched.launches[0].start if watched.launches else 0) - 2 * 86_400_000_000_000
    watched.begun = {sort: span for sort, span in watched.begun.items() if span[1] >= recent}
    state.facts, state.raw, state.settled = watched.state()
    state.begins_at = begins_at
    state.save(update_fields=["facts", "raw", "settled", "begins_at"])


def _record(
    launch: Launch, like: str, policy: BaselinePolicy | None, changed: Sequence[Changed], present: set[int]
) -> None:
    """Keep what is confirmed, replace what is suspected, and tell triage of what is slower and sure."""
    series = Series.objects.in_bulk([one.series for one in changed if one.series != TOTAL]) if changed else {}
    suspected = ChangePoint.objects.filter(service=launch.service_id, like=like, confirmed=False)
    gone = [pk for pk, one in suspected.values_list("pk", "series_id") if (one or TOTAL) in present]
    if gone:
        suspected.filter(pk__in=gone).delete()
    sightings = []
    for one in changed:
        row = _row(launch, like, policy, one, series.get(one.series))
        if row is None or ChangePoint.objects.filter(**_same(row), confirmed=True).exists():
            continue
        if one.confirmed or row.worth:
            row.save()
        if one.confirmed and row.worth and one.after > one.before and not _is_chosen(policy):
            sightings.append(_sighting(one, row, launch))
    if sightings:
        triage.sight(launch.service_id, sightings)


def _is_chosen(policy: BaselinePolicy | None) -> bool:
    """Whether somebody has said which launches are the baseline: then being slower than these is what counts."""
    return policy is not None and policy.choose != BaselinePolicy.Choose.LAST_GOOD


def _same(row: ChangePoint) -> dict[str, object]:
    return {"service": row.service_id, "series": row.series, "like": row.like, "first_launch": row.first_launch}


def _row(
    launch: Launch, like: str, policy: BaselinePolicy | None, one: Changed, series: Series | None
) -> ChangePoint | None:
    first = _first(launch, one.first)
    if first is None or (series is None and one.series != TOTAL):
        return None
    least = floors_of(series.path if series else None, policy.rules if policy else [], floors())
    moved = abs(one.after - one.before)
    worth = least is not None and moved > least.duration and moved > least.ratio * one.before
    return ChangePoint(
        service_id=launch.service_id,
        series=series,
        like=like,
        first_launch=first,
        start_time=first.start_time,
        before_ns=one.before,
        after_ns=one.after,
        low=one.low,
        high=one.high,
        p=one.p,
        change=one.change,
        confirmed=one.confirmed,
        worth=worth,
    )


def _first(launch: Launch, kept: Kept) -> Launch | None:
    """The first launch of the new level; the next one where it has been deleted."""
    like = Launch.objects.comparable_to(launch)
    found = like.filter(pk=kept.launch).first()
    return found or like.filter(start_time__gte=kept.start).order_by("start_time", "id").first()


def _sighting(one: Changed, row: ChangePoint, launch: Launch) -> triage.Sighting:
    unit = "runs" if one.by_run else "launches"
    old, new = one.units
    return triage.Sighting(
        series=row.series,
        baseline=one.before,
        candidate=one.after,
        low=one.low,
        high=one.high,
        # Half of the way: launches vary, and five in a row below it are no longer those of the new level.
        limit=round(math.sqrt(max(one.before, 1) * max(one.after, 1))),
        first=row.first_launch,
        slow=[*one.slow, launch.start_time],
        needed=DEFAULT.fresh,
        rule=(
            f"its level changed with this launch: {human(one.before)} before ({old} {unit}), {human(one.after)} since "
            f"({new}), {one.ratio:.2f}× (95 % interval {one.low:.2f} to {one.high:.2f}); by chance p = {one.p:.1g}"
        ),
        numbers=[
            ("p of a change this clear by chance", float(f"{one.p:.2g}"), ""),
            (f"{unit} before", old, ""),
            (f"{unit} since", new, ""),
        ],
    )
