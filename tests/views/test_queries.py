"""However many rows a page has, it asks the database the same number of questions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from diagnostics.delivery import Message, enqueue
from diagnostics.models import Alert, AlertRule, ApiToken, Channel, Launch, Regression, Series
from tests.data.snapshots import phase, snapshot
from tests.views.conftest import launched, person, usual

numbers = count(100)


def more_services() -> None:
    number = next(numbers)
    launched(snapshot(phase("start"), service=f"service-{number}", host={"name": f"host-service-{number}"}))


def more_launches() -> None:
    launched(usual(next(numbers), version=f"{next(numbers)}", host={"name": f"gpu-{next(numbers)}"}))


def more_regressions() -> None:
    launch = launched(usual(next(numbers)))
    series = Series.objects.create(service=launch.service, path=f"p{next(numbers)}", name="p")
    numbers_of_it = {"baseline_ns": 1, "candidate_ns": 2, "low": 1.0, "high": 2.0, "rule": "made for this test"}
    Regression.objects.create(service=launch.service, series=series, first_launch=launch, **numbers_of_it)


def more_tokens() -> None:
    ApiToken.objects.issue(name="t", scope="read", created_by=person("editor", f"p{next(numbers)}"))


def more_channels() -> None:
    channel = Channel.objects.create(name=f"channel {next(numbers)}", kind="slack")
    enqueue([channel], Message("subject", "text"), once="a")


def more_alerts() -> None:
    number = next(numbers)
    launch = launched(usual(number))
    rule = AlertRule.objects.create(name=f"rule {number}", kind="launch-failed")
    told = {"rule_name": rule.name, "rule_text": "a launch fails", "kind": rule.kind, "severity": "warning"}
    now = timezone.now()
    Alert.objects.create(
        rule=rule,
        service=launch.service,
        subject_key="x",
        change="x",
        words="it failed",
        began_at=now,
        last_at=now,
        launch=launch,
        **told,
    )


PAGES: list[tuple[str, Callable[[], None]]] = [
    ("/", more_services),
    ("/services/open-autoglm/", more_launches),
    ("/services/open-autoglm/trend.json", more_launches),
    ("/compare/", more_launches),
    ("/compare/?baseline=service=open-autoglm&candidate=service=open-autoglm", more_launches),
    ("/regressions/", more_regressions),
    ("/alerts/", more_alerts),
    ("/search?q=service", more_services),
    ("/search?q=gpu", more_launches),
    ("/settings/tokens/", more_tokens),
    ("/settings/users/", more_tokens),
    ("/settings/channels/", more_channels),
]


def questions(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize(("address", "more"), PAGES)
def test_questions_do_not_grow_with_rows(admin: Client, address: str, more: Callable[[], None]) -> None:
    for _ in range(2):
        more()
        more_launches()
    few = questions(admin, address)
    for _ in range(6):
        more()
    assert questions(admin, address) == few <= 20


@pytest.mark.parametrize("address", ["/launches/{}/", "/launches/{}/?view=table", "/launches/{}/phases?find=step"])
def test_questions_do_not_grow_with_phases(viewer: Client, address: str) -> None:
    def launch(phases: int) -> Launch:
        made = (phase(f"step-{n}", n * 10, 10) for n in range(phases))
        return launched(snapshot(*made, service=f"with-{phases}"))

    asked = {questions(viewer, address.format(launch(phases).pk)) for phases in (3, 90)}
    assert len(asked) == 1
    assert asked.pop() <= 20
