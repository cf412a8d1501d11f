"""Deciding about regressions through the API: who may, what is written down, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from diagnostics.models import Regression
from diagnostics.triage import sight
from tests.api.conftest import Caller, issue
from tests.triage.conftest import launch, service, sighting
from tests.views.conftest import person

__all__ = ["service"]


@pytest.fixture
def path(service: Any) -> str:
    for number in range(10):
        launch(service, number)
    return f"/regressions/{sight(service.pk, [sighting(service, 'load')])[0].pk}"


@pytest.fixture
def admin(db: None) -> Caller:
    return Caller(issue("admin"))


def test_an_admin_token_decides(admin: Caller, path: str) -> None:
    User.objects.create_user("bob")
    wanted = {"state": "acknowledged", "assignee": "bob", "note": "disk?", "ticket": "https://t.example/7"}
    status, told = admin.change("PATCH", path, wanted)
    assert status == 200
    assert {key: told[key] for key in wanted} == wanted
    assert [(change["by"], change["from_state"], change["to_state"]) for change in told["history"]] == [
        ("launchscope", "", "open"),
        ("token admin", "open", "acknowledged"),
    ]
    assert admin.get(path) == (200, told)
    status, told = admin.change("PATCH", path, {"assignee": None, "ticket": ""})
    assert (told["assignee"], told["ticket"], told["note"], told["state"]) == (None, "", "disk?", "acknowledged")


@pytest.mark.parametrize(
    ("document", "status", "where"),
    [
        ({"state": "dismissed"}, 422, "reason"),
        ({"state": "gone"}, 422, "state"),
        ({"assignee": "nobody"}, 422, "assignee"),
        ({"ticket": "javascript:alert(1)"}, 422, "ticket"),
        ({"colour": "red"}, 422, "colour"),
        ({}, 422, "body"),
        ([], 422, "patch"),
    ],
)
def test_refusals(admin: Caller, path: str, document: Any, status: int, where: str) -> None:
    answered, body = admin.change("PATCH", path, document)
    assert (answered, body["error"]["where"]) == (status, where)
    assert Regression.objects.get().changes.count() == 1


def test_a_move_that_is_not_offered_is_a_conflict(admin: Caller, path: str) -> None:
    Regression.objects.update(state="resolved")
    status, body = admin.change("PATCH", path, {"state": "acknowledged"})
    assert (status, body["error"]["code"]) == (409, "conflict")


@pytest.mark.parametrize("scope", ["read", "ingest"])
def test_other_tokens_only_look(path: str, scope: str) -> None:
    assert Caller(issue(scope)).change("PATCH", path, {"state": "resolved"})[0] == 403


def test_a_token_of_another_service_sees_nothing(path: str) -> None:
    other = Caller(issue("admin", "other"))
    assert other.get(path)[0] == 404
    assert other.change("PATCH", path, {"state": "resolved"})[0] == 404
    assert other.get("/services/open-autoglm/baseline", environment="prod")[0] == 404
    assert Regression.objects.get().state == "open"


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 200), ("admin", 200)])
def test_people_by_their_role(path: str, role: str, status: int) -> None:
    client = Client()
    client.force_login(person(role))
    answer = client.patch(f"/api/v1{path}", '{"state": "resolved"}', content_type="application/json")
    assert answer.status_code == status, answer.content
    if status == 200:
        assert answer.json()["history"][-1]["by"] == role


def test_a_page_of_another_site_cannot_decide(path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("editor"))
    answer = client.patch(f"/api/v1{path}", '{"state": "resolved"}', content_type="application/json")
    assert answer.status_code == 403
    assert Regression.objects.get().state == "open"


def test_filters(reader: Caller, admin: Caller, path: str) -> None:
    User.objects.create_user("bob")
    admin.change("PATCH", path, {"assignee": "bob"})
    for wanted, found in (
        ({"assignee": "bob"}, 1),
        ({"assignee": "ann"}, 0),
        ({"phase": "load"}, 1),
        ({"phase": "x"}, 0),
    ):
        assert len(reader.pages("/regressions", **wanted)) == found


@pytest.mark.parametrize("number", ["0", "99999999999999999999999"])
def test_one_that_is_not_there(reader: Caller, number: str) -> None:
    assert reader.get(f"/regressions/{number}")[0] == 404


BASELINE = "/services/open-autoglm/baseline"


def test_the_policy_of_a_service(admin: Caller, path: str) -> None:
    status, told = admin.get(BASELINE, environment="prod")
    assert (status, told["choose"], told["sentence"]) == (200, "last_good", "the last good launches")
    wanted = {
        "choose": "tagged",
        "launches": 10,
        "label": "release=yes",
        "host_class": "gpu",
        "thresholds": [{"phase": "import*", "ratio": None, "ns": None, "ignore": True}],
    }
    status, told = admin.change("PUT", f"{BASELINE}?environment=prod", wanted)
    assert status == 200
    assert {key: told[key] for key in wanted} == wanted
    assert told["sentence"] == "the last 10 good launches labelled release=yes with the same gpu"
    assert admin.get(BASELINE, environment="prod") == (200, told)
    assert Caller(issue("read")).change("PUT", f"{BASELINE}?environment=prod", {})[0] == 403


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"choose": "best"}, "choose"),
        ({"choose": "pinned"}, "version"),
        ({"choose": "tagged", "label": "release"}, "label"),
        ({"launches": 2}, "launches"),
        ({"thresholds": [{"phase": ""}]}, "thresholds"),
        ({"thresholds": [{"phase": "x", "ratio": -1}]}, "thresholds"),
        ({"thresholds": [{"phase": "x"}] * 101}, "thresholds"),
        ({"host_class": "\0"}, "host_class"),
    ],
)
def test_a_policy_that_cannot_be(admin: Caller, path: str, document: Any, where: str) -> None:
    status, body = admin.change("PUT", f"{BASELINE}?environment=prod", document)
    assert (status, body["error"]["where"]) == (422, where)


def test_the_new_normal(admin: Caller, path: str) -> None:
    first = str(Regression.objects.get().first_launch_id)
    status, told = admin.change("POST", f"{BASELINE}/begin?environment=prod", {"launch": first})
    assert (status, told["begins_with"]) == (200, first)
    regression = Regression.objects.get()
    assert (regression.state, regression.reason) == ("dismissed", "this is the new normal")
    unknown = {"launch": "00000000-0000-0000-0000-000000000000"}
    assert admin.change("POST", f"{BASELINE}/begin?environment=prod", unknown)[0] == 404
