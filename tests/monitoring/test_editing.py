"""What a monitor may be, and whose secrets go where."""

from __future__ import annotations

import pytest

from diagnostics.models import Monitor, Service
from diagnostics.monitoring import MonitorError, WantedMonitor, header_names, prune, run_due, save
from diagnostics.monitoring.expectations import fits_status
from tests.monitoring.conftest import BY, MakeMonitor, at, bad, good

URL = "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\0"}, "name"),
        ({"url": "127.0.0.1"}, "url"),
        ({"url": "ftp://127.0.0.1/"}, "url"),
        ({"url": "http://169.254.169.254/"}, "url"),
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": "http://user:pw@127.0.0.1/"}, "url"),
        ({"method": "DELETE"}, "method"),
        ({"expected_status": "ok"}, "expected_status"),
        ({"expected_status": "99"}, "expected_status"),
        ({"expected_status": "299-200"}, "expected_status"),
        ({"expected_body": "(", "body_is_regex": True}, "expected_body"),
        ({"expected_body": "OK", "method": "HEAD"}, "expected_body"),
        ({"interval": 4}, "interval"),
        ({"interval": 86_401}, "interval"),
        ({"max_time": 0}, "max_time"),
        ({"max_time": float("nan")}, "max_time"),
        ({"max_time": 61}, "max_time"),
        ({"tls_warn_days": -1}, "tls_warn_days"),
        ({"headers": {"A b": "x"}}, "headers"),
        ({"headers": {"Content-Length": "1"}}, "headers"),
        ({"headers": {"X": "a\r\nY: b"}}, "headers"),
        ({"headers": {"X": "键"}}, "headers"),
        ({"headers": {"X": None}}, "headers"),
        ({"headers": {f"X-{n}": "x" for n in range(21)}}, "headers"),
    ],
)
def test_mistakes_name_their_field(service: Service, fields: dict[str, object], where: str) -> None:
    with pytest.raises(MonitorError) as caught:
        save(service, WantedMonitor(**{"name": "a", "url": URL, **fields}), BY)  # type: ignore[arg-type]
    assert caught.value.where == where
    assert not Monitor.objects.exists()


def test_a_name_that_does_not_resolve_today_may_tomorrow(service: Service) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    assert save(service, WantedMonitor("a", "http://later.example/"), BY, resolve=unknown).pk


def test_one_name_a_service(monitor: MakeMonitor, service: Service) -> None:
    monitor("a")
    with pytest.raises(MonitorError, match="already"):
        monitor("a")
    assert save(("other", ""), WantedMonitor("a", URL), BY).service.name == "other"
    with pytest.raises(MonitorError) as caught:
        save((" ", ""), WantedMonitor("b", URL), BY)
    assert caught.value.where == "service"


def test_headers_stay_or_go(monitor: MakeMonitor, service: Service) -> None:
    one = monitor(headers={"X-Key": "secret", "X-Other": "b"})
    save(service, WantedMonitor("health", URL, interval=60), BY, one)
    one.refresh_from_db()
    assert header_names(one) == ["X-Key", "X-Other"]
    save(service, WantedMonitor("health", URL, headers={"X-Key": None}), BY, one)
    one.refresh_from_db()
    assert header_names(one) == ["X-Key"]
    save(service, WantedMonitor("health", URL, headers={}), BY, one)
    one.refresh_from_db()
    assert one.sealed_headers == ""


@pytest.mark.parametrize("headers", [None, {"X-Key": None}])
def test_secrets_do_not_move_to_another_host(
    monitor: MakeMonitor, service: Service, headers: dict[str, None] | None
) -> None:
    one = monitor(url="http://127.0.0.1:9/", headers={"X-Key": "secret"})
    with pytest.raises(MonitorError) as caught:
        save(service, WantedMonitor("health", "http://127.0.0.1:10/", headers=headers), BY, one)
    assert caught.value.where == "headers"
    assert save(service, WantedMonitor("health", "http://127.0.0.1:9/deep", headers=headers), BY, one)


def test_another_rhythm_begins_a_grid_of_its_own(monitor: MakeMonitor, service: Service) -> None:
    one = monitor(interval=30)
    run_due(at(0), lambda asked: good())
    save(service, WantedMonitor("health", URL, interval=10), BY, one, now=at(7))
    assert [check.due for check in run_due(at(8), lambda asked: good())] == [at(7)]
    save(service, WantedMonitor("health", URL, interval=10, expected_body="OK"), BY, one, now=at(9))
    one.refresh_from_db()
    assert one.next_due == at(17)


@pytest.mark.parametrize(
    ("status", "text", "fits"),
    [
        (200, "200", True),
        (204, "200-299", True),
        (304, "200, 304", True),
        (500, "2xx;3XX", False),
        (302, "2xx;3XX", True),
    ],
)
def test_statuses(status: int, text: str, fits: bool) -> None:
    assert fits_status(status, text) is fits


def test_old_checks_go_in_batches(monitor: MakeMonitor, settings: object) -> None:
    settings.MONITOR_CHECK_DAYS = settings.MONITOR_OUTAGE_DAYS = 1  # type: ignore[attr-defined]
    one = monitor(interval=10)
    for seconds, seen in ((0, bad()), (10, good()), (20, good()), (30, bad()), (40, good())):
        run_due(at(seconds), lambda asked, seen=seen: seen)  # type: ignore[misc]
    assert prune(at(86_400 + 25), batch=2) == 4  # three checks, one outage
    assert [check.at for check in one.checks.order_by("at")] == [at(30), at(40)]
    assert prune(at(86_400 + 25)) == 0
