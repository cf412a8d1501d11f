"""The pages of monitors, and what pages of services and launches show of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from diagnostics.models import Check, Launch, Monitor
from diagnostics.monitoring import Seen, WantedMonitor, record, save
from diagnostics.querysets.monitors import Due
from diagnostics.triage import Actor
from tests.monitoring.conftest import bad, good
from tests.outbound.serving import Reply, Site, site
from tests.views.conftest import launched, usual

FORM = {
    "service": "open-autoglm",
    "environment": "prod",
    "name": "health",
    "url": "http://127.0.0.1:9/health",
    "method": "GET",
    "expected_status": "200",
    "expected_body": "OK",
    "interval": "30",
    "max_time": "5",
    "tls_warn_days": "14",
    "follow_redirects": "on",
    "tls_verify": "on",
    "enabled": "on",
    "headers": "X-Key: s3cret",
}


@pytest.fixture(autouse=True)
def _loopback_is_listed(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]


@pytest.fixture
def served() -> Iterator[Site]:
    with site(lambda heard: Reply(body=b"all OK")) as one:
        yield one


def monitored(*seen: Seen, name: str = "health", service: str = "open-autoglm", url: str = FORM["url"]) -> Monitor:
    """A monitor whose checks, the newest a minute ago, saw this."""
    monitor = save((service, "prod"), WantedMonitor(name, url), Actor("ann"))
    for n, one in enumerate(seen):
        at = ago(len(seen) - n)
        record(Due(monitor.pk, at, at), at, one)
    monitor.refresh_from_db()
    return monitor


def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_no_monitors(viewer: Client, editor: Client) -> None:
    assert "No monitors yet" in text(viewer, "/monitors/")
    assert "Add a monitor" not in text(viewer, "/monitors/")
    assert "Add a monitor" in text(editor, "/monitors/")


def test_made_changed_and_deleted(admin: Client, editor: Client, viewer: Client) -> None:
    page = admin.post("/monitors/new/", FORM, follow=True).content.decode()
    assert "Saved." in page
    monitor = Monitor.objects.get()
    assert (str(monitor.service), monitor.expected_body) == ("open-autoglm · prod", "OK")
    form = text(editor, f"/monitors/{monitor.pk}/edit/")
    assert "X-Key: ••••••" in form
    assert "s3cret" not in form + page + text(admin, f"/monitors/{monitor.pk}/edit/")
    # an editor changes the rest, and cannot touch the headers
    sealed = monitor.sealed_headers
    editor.post(f"/monitors/{monitor.pk}/edit/", FORM | {"interval": "10", "headers": "X-Key: mine"})
    monitor.refresh_from_db()
    assert (monitor.interval, monitor.sealed_headers) == (10, sealed)
    # nor have them sent elsewhere
    moved = editor.post(f"/monitors/{monitor.pk}/edit/", FORM | {"url": "http://127.0.0.1:10/"})
    assert (moved.status_code, "for another host" in moved.content.decode()) == (400, True)
    for way in ("edit/", "switch", "delete", "check"):
        assert viewer.post(f"/monitors/{monitor.pk}/{way}", FORM).status_code == 403
    editor.post(f"/monitors/{monitor.pk}/switch", {"enabled": "0"})
    assert "paused" in text(viewer, "/monitors/")
    assert "is deleted" in editor.post(f"/monitors/{monitor.pk}/delete", follow=True).content.decode()
    assert not Monitor.objects.exists()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"url": "http://169.254.169.254/"}, "OUTBOUND_ALLOW"),
        ({"url": "http://10.0.0.1/"}, "is a private address"),
        ({"expected_status": "fine"}, "is no status"),
        ({"interval": "1"}, "greater than or equal to 5"),
        ({"headers": "nonsense"}, "Line 1: write"),
        ({"headers": "X-New: ••••••"}, "has no value yet"),
        ({"service": " "}, "required"),
    ],
)
def test_mistakes_are_told(admin: Client, told: dict[str, str], words: str) -> None:
    answer = admin.post("/monitors/new/", FORM | told)
    assert answer.status_code == 400
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not Monitor.objects.exists()


def test_check_now(editor: Client, served: Site) -> None:
    monitor = monitored(url=served.url("/health"))
    page = editor.post(f"/monitors/{monitor.pk}/check", follow=True).content.decode()
    assert "it answers as expected" in page
    assert Check.objects.get().ok


def test_the_list(viewer: Client) -> None:
    monitored(good(), bad("The status is 503, expected is 200-299."), name="shaky")
    monitored(good(), good(), name="fine", service="other")
    page = text(viewer, "/monitors/")
    assert "The status is 503" in page
    assert "Last 24 hours: 1 of 2 checks failed." in page
    assert page.count('class="ls-cell ls-cell-') == 96
    only = text(viewer, "/monitors/?service=other&environment=prod")
    assert ("fine" in only, "shaky" in only) == (True, False)


def test_the_page_of_one(viewer: Client) -> None:
    monitor = monitored(good(120), bad(), bad(), good(80), bad("Slow <b>."))
    page = text(viewer, f"/monitors/{monitor.pk}/")
    assert "The last check failed: Slow &lt;b&gt;." in page
    assert page.count("No connection to a:80") == 3  # twice as a check, once as an outage
    assert "goes on" in page
    assert "Check now" not in page
    figure = viewer.get(f"/monitors/{monitor.pk}/latencies.json?range=1h&width=700").json()
    assert figure["layout"]["meta"]["summary"].startswith("5 checks.")
    assert viewer.get("/monitors/999999/").status_code == 404


def test_the_page_without_checks(viewer: Client) -> None:
    monitor = monitored()
    page = text(viewer, f"/monitors/{monitor.pk}/?range=nonsense")
    assert "No checks in the last 24 hours." in page
    assert "not checked yet" in page
    assert viewer.get(f"/monitors/{monitor.pk}/latencies.json").json()["layout"]["meta"]["rows"] == 0


def test_rules_are_on_it(viewer: Client) -> None:
    from diagnostics.models import AlertRule

    AlertRule.objects.all().delete()
    AlertRule.objects.create(name="Down", kind="monitor-failures", for_times=3, severity="critical")
    page = text(viewer, f"/monitors/{monitored().pk}/")
    assert "a monitor failed 3 times in a row" in page


def test_the_strip_on_the_page_of_its_service(viewer: Client) -> None:
    launched(usual(1, environment="prod"))
    assert "monitors-title" not in text(viewer, "/services/open-autoglm/")
    monitored(good(), bad())
    page = text(viewer, "/services/open-autoglm/")
    assert "Last 24 hours: 1 of 2 checks failed." in page
    for n in range(8):
        monitored(name=f"a{n}")
    page = text(viewer, "/services/open-autoglm/")
    assert page.count('class="ls-strip-name"') == 6
    assert page.index(">health<") < page.index(">a0<"), "what is down comes first"
    assert "3 more" in page


def test_restarted_after(viewer: Client) -> None:
    launch = launched(usual(1, environment="prod"))
    Launch.objects.filter(pk=launch.pk).update(start_time=int(timezone.now().timestamp() * 10**9))
    assert "Restarted after" not in text(viewer, f"/launches/{launch.pk}/")
    monitor = monitored(good(), bad("The status is 503, expected is 200-299."), name="health & co")
    page = text(viewer, f"/launches/{launch.pk}/")
    assert f'Restarted after <a href="/monitors/{monitor.pk}/">health &amp; co</a> failed at' in page
    assert "(The status is 503, expected is 200-299)" in page


def test_questions_do_not_grow(viewer: Client, django_assert_max_num_queries: Any) -> None:
    for n in range(12):
        monitored(good(), name=f"m{n}")
    with django_assert_max_num_queries(20):
        viewer.get("/monitors/")
    with django_assert_max_num_queries(20):
        viewer.get("/services/open-autoglm/")
