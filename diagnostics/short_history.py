"""A history too short to be looked on: its totals are looked over again with each launch, as a trend's marks are."""

from __future__ import annotations

from django.conf import settings

from diagnostics import triage
from diagnostics.analysis.change_points import ChangePoint, change_points
from diagnostics.analysis.thresholds import floors_of
from diagnostics.charts.duration import human
from diagnostics.floors import floors
from diagnostics.models import BaselinePolicy, Launch
from diagnostics.records import LaunchStatus

MOST, SINCE = 20, 3
# Looked over again with each launch, this finds a step in 1 % of unchanged histories (docs/statistics.md).
SURE = 0.004


def stepped(launch: Launch, policy: BaselinePolicy | None) -> list[triage.Sighting]:
    """The total's step up that the newest launches show for sure, if they do; of a launch that is not the newest, none.

    A service whose baseline somebody has chosen, or narrowed to a class of hosts, is left to its flags.
    """
    least = floors_of(None, policy.rules if policy else [], floors())
    if launch.status != LaunchStatus.SUCCESS or least is None or _is_narrowed(policy):
        return []
    like = _like(launch, policy)
    if not like or like[-1].pk != launch.pk:
        return []
    totals = [one.total_ns or 0 for one in like]
    found = [one for one in change_points([[total / 1e6] for total in totals]) if one.p <= SURE]
    if not found:
        return []
    last = found[-1]
    # Ranks are sure of an order that a ramp and an outlier make, too; then the size is anybody's guess.
    if last.low <= 1:
        return []
    begin = found[-2].index if len(found) > 1 else 0
    before, since = totals[begin : last.index], totals[last.index :]
    if len(before) < settings.BASELINE_LEAST or len(since) < SINCE:
        return []
    old, new = (sorted(part)[len(part) // 2] for part in (before, since))
    if new - old <= least.duration or new - old <= least.ratio * old:
        return []
    return [_sighting(like, last, old, new, len(before))]


def _is_narrowed(policy: BaselinePolicy | None) -> bool:
    return policy is not None and (policy.choose != BaselinePolicy.Choose.LAST_GOOD or bool(policy.host_class))


def _like(launch: Launch, policy: BaselinePolicy | None) -> list[Launch]:
    """The newest launches that are of one thing with this one, oldest first."""
    like = Launch.objects.comparable_to(launch).filter(state=Launch.State.JUDGED, status=LaunchStatus.SUCCESS)
    begins = policy.begins_at if policy else None
    newest = like.filter(start_time__gte=begins or 0).order_by("-start_time", "-id")
    return list(newest.only("total_ns", "start_time", "version")[:MOST])[::-1]


def _sighting(like: list[Launch], step: ChangePoint, old: int, new: int, before: int) -> triage.Sighting:
    since = like[step.index :]
    return triage.Sighting(
        series=None,
        baseline=old,
        candidate=new,
        low=step.low,
        high=step.high,
        limit=(old + new) // 2,
        first=since[0],
        slow=[one.start_time for one in since],
        needed=SINCE,
        rule=(
            f"looking back over {len(like)} launches, the level changed with this one: {human(old)} before ({before} "
            f"launches), {human(new)} since ({len(since)}), {step.ratio:.2f}×; by chance p = {step.p:.1g}"
        ),
        numbers=[
            ("p of a change this clear by chance", float(f"{step.p:.2g}"), ""),
            ("launches before", before, ""),
            ("launches since", len(since), ""),
        ],
    )
