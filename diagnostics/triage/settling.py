"""A regression resolves itself when enough launches in a row are back at its baseline."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction

from diagnostics.charts.duration import human
from diagnostics.models import Launch, PhaseRecord, Regression
from diagnostics.records import LaunchStatus
from diagnostics.triage.history import LAUNCHSCOPE, hold, moved


@transaction.atomic
def settle(launch: Launch) -> list[Regression]:
    """Resolve what the newest RESOLVE_AFTER good launches like this one show to be over; returns those regressions."""
    if launch.status != LaunchStatus.SUCCESS or not Regression.objects.live().filter(service=launch.service_id):
        return []
    hold(launch.service_id)
    live = Regression.objects.live().filter(service=launch.service_id)
    good = Launch.objects.comparable_to(launch).filter(state=Launch.State.JUDGED, status=LaunchStatus.SUCCESS)
    newest = list(good.order_by("-start_time", "-id").only("start_time", "total_ns")[: settings.RESOLVE_AFTER])
    if launch.pk not in {one.pk for one in newest}:
        return []  # a late upload of an old launch says nothing of how the service is now
    like = live.filter(first_launch__start_class=launch.start_class, first_launch__begins_with=launch.begins_with)
    return [one for one in like.select_related("service", "series", "first_launch") if _is_over(one, newest)]


def _is_over(regression: Regression, newest: Sequence[Launch]) -> bool:
    counted = [launch for launch in newest if launch.start_time > regression.counts_from]
    if len(counted) < settings.RESOLVE_AFTER:
        return False
    took = _durations(regression, counted)
    if max(took) > regression.limit:
        return False
    text = (
        f"{len(took)} launches in a row took {human(min(took))} to {human(max(took))}, "
        f"no more than {human(regression.limit)}: back at the baseline"
    )
    regression.counts_from = max(launch.start_time for launch in counted)
    moved(regression, Regression.State.RESOLVED, LAUNCHSCOPE, text)
    return True


def _durations(regression: Regression, launches: Sequence[Launch]) -> list[int]:
    """What the total or the phase took in each launch, ns; a phase that a launch does not have took no time."""
    if regression.series_id is None:
        return [launch.total_ns or 0 for launch in launches]
    rows = PhaseRecord.objects.filter(series=regression.series_id, launch__in=[launch.pk for launch in launches])
    of_launch: dict[UUID, int] = dict(rows.values_list("launch_id", "duration_ns"))
    return [of_launch.get(launch.pk, 0) for launch in launches]
