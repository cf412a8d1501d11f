"""“Restarted after”: what a launch followed on."""

from __future__ import annotations

import pytest

from diagnostics.models import Launch, Service
from diagnostics.monitoring import restarted_after, run_due
from tests.monitoring.conftest import MakeMonitor, at, bad, good


def launch(service: Service, seconds: float) -> Launch:
    return Launch.objects.create(service=service, start_time=int(at(seconds).timestamp() * 10**9))


def checked(*failed: bool) -> None:
    for n, one in enumerate(failed):
        seen = bad("The status is 503, expected is 200-299.") if one else good()
        run_due(at(n * 30), lambda monitor, seen=seen: seen)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("begins", "told"),
    [(-5, False), (29, False), (31, True), (100, True), (150, True), (680, True), (700, False)],
)
def test_a_launch_during_an_outage_or_shortly_after(
    monitor: MakeMonitor, service: Service, begins: int, told: bool
) -> None:
    monitor()
    checked(False, True, True, True, False)
    restart = restarted_after(launch(service, begins))
    assert (restart is not None) == told
    if restart:
        assert (restart.monitor.name, restart.at) == ("health", at(30))
        assert restart.reason == "The status is 503, expected is 200-299"


def test_only_the_next_launch_followed_on_an_outage_that_is_over(monitor: MakeMonitor, service: Service) -> None:
    monitor()
    checked(False, True, False)
    assert restarted_after(launch(service, 70))
    assert restarted_after(launch(service, 200)) is None


def test_an_outage_that_goes_on_is_told_of_each_time(monitor: MakeMonitor, service: Service) -> None:
    monitor()
    checked(False, True, True)
    assert restarted_after(launch(service, 100))
    assert restarted_after(launch(service, 5000))


def test_another_service_has_nothing_to_do_with_it(monitor: MakeMonitor, db: None) -> None:
    monitor()
    checked(True)
    assert restarted_after(launch(Service.objects.create(name="other"), 10)) is None
