"""A regression ends by itself when enough launches in a row are back at the baseline."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.models import PhaseRecord, Regression, Service
from diagnostics.triage import settle, sight
from tests.triage.conftest import launch, series, sighting


@pytest.fixture
def regression(service: Service, settings: Any) -> Regression:
    settings.RESOLVE_AFTER = 3
    for number in (10, 11, 12):
        launch(service, number, 1600)
    return sight(service.pk, [sighting(service)])[0]


def states(service: Service, *totals: int, **more: object) -> list[str]:
    """The regression's state after each further launch."""
    seen = []
    for number, total in enumerate(totals, start=13):
        settle(launch(service, number, total, **more))
        seen.append(Regression.objects.get().state)
    return seen


def test_three_in_a_row(service: Service, regression: Regression) -> None:
    assert states(service, 1000, 1040, 1050) == ["open", "open", "resolved"]
    last = regression.changes.last()
    assert last is not None
    assert last.actor == "launchscope"
    assert last.text == "3 launches in a row took 1.0 s to 1.05 s, no more than 1.05 s: back at the baseline"


def test_a_slow_one_between_begins_the_count_anew(service: Service, regression: Regression) -> None:
    assert states(service, 1000, 1000, 1051, 1000, 1000, 1000) == ["open"] * 5 + ["resolved"]


def test_slower_but_not_flagged_is_not_back(service: Service, regression: Regression) -> None:
    assert states(service, *[1600] * 6) == ["open"] * 6


@pytest.mark.parametrize("more", [{"status": "failed"}, {"start_class": "warm"}, {"begins_with": "pod_created"}])
def test_launches_of_another_sort_do_not_count(service: Service, regression: Regression, more: dict[str, str]) -> None:
    assert states(service, *[1000] * 4, **more) == ["open"] * 4


def test_an_acknowledged_one_resolves_too(service: Service, regression: Regression) -> None:
    Regression.objects.update(state="acknowledged")
    assert states(service, 1000, 1000, 1000)[-1] == "resolved"


def test_a_dismissed_one_stays(service: Service, regression: Regression) -> None:
    Regression.objects.update(state="dismissed")
    assert states(service, 1000, 1000, 1000)[-1] == "dismissed"


def test_a_late_upload_of_an_old_launch_says_nothing(service: Service, regression: Regression) -> None:
    for number in (1, 2, 3):
        settle(launch(service, number, 1000))
    assert Regression.objects.get().state == "open"


def test_a_phase_counts_by_its_own_time(service: Service, settings: Any) -> None:
    settings.RESOLVE_AFTER = 2
    sight(service.pk, [sighting(service, "load")])
    slow = launch(service, 13, 3000)
    times = {"start_time": slow.start_time, "duration_ns": 10**9, "self_ns": 0, "slack_ns": 0, "critical_ns": 0}
    place = {"position": 0, "depth": 0, "critical": False, "failed": False, "artifact_id": slow.pk}
    PhaseRecord.objects.create(launch=slow, series=series(service, "load"), **times, **place)
    settle(slow)
    assert Regression.objects.get().state == "open"
    settle(launch(service, 14, 3000))  # the phase is gone
    assert Regression.objects.get().state == "resolved"
