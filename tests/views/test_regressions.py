"""The list of regressions, the page of one, and what people decide about them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from diagnostics import ingest, triage
from diagnostics.change_history import look
from diagnostics.models import BaselinePolicy, Launch, Regression
from diagnostics.views.regressions import AGES, ASSIGNEES, SIZES, SORTS, STATES
from tests.views.conftest import launched, received, usual


def total_regression() -> Regression:
    return Regression.objects.get(series=None)


def test_nothing_yet(viewer: Client) -> None:
    assert "Nothing got slower" in viewer.get("/regressions/").content.decode()


def test_list_shows_the_rule_and_its_numbers(viewer: Client, slowed: list[Launch]) -> None:
    page = viewer.get("/regressions/").content.decode()
    for shown in ("weights", "% slower", "of the newest 5 launches", "→", "2.0", "since"):
        assert shown in page
    opened = Regression.objects.filter(state="open").count()
    assert f'<span class="visually-hidden">open: </span>{opened}</span>' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("state=dismissed", False),
        ("state=all", True),
        ("state=nonsense", True),
        ("service=other", False),
        ("service=open-autoglm&state=all", True),
        ("size=1.1", True),
        ("size=1.5&sort=largest", True),
        ("age=1&sort=oldest", True),
        ("assignee=nobody&sort=costliest", True),
        ("assignee=me", False),
        ("service=%00&size=%00&age=9999&page=9", True),
    ],
)
def test_filters(viewer: Client, slowed: list[Launch], query: str, found: bool) -> None:
    answer = viewer.get(f"/regressions/?{query}")
    assert answer.status_code == 200
    assert ("› </span>weights" in answer.content.decode()) is found


def test_size_and_assignee_narrow(editor: Client, slowed: list[Launch]) -> None:
    assert "No regression matches" in editor.get("/regressions/?size=2").content.decode()
    regression = total_regression()
    editor.post(f"/regressions/{regression.pk}/", {"assignee": "editor"})
    page = editor.get("/regressions/?assignee=me").content.decode()
    assert f'id="{regression.pk}"' in page
    assert "weights" not in page.replace("regression", "")


def test_every_choice_is_taken(viewer: Client, slowed: list[Launch]) -> None:
    for name, options in (("state", STATES), ("size", SIZES), ("age", AGES), ("sort", SORTS), ("assignee", ASSIGNEES)):
        for value in options:
            page = viewer.get("/regressions/", {name: value}).content.decode()
            assert f'<option value="{value}" selected>' in page


@pytest.mark.parametrize(
    ("present", "told", "then"),
    [
        ("open", {"state": "acknowledged"}, "acknowledged"),
        ("open", {"state": "dismissed", "reason": "noise"}, "dismissed"),
        ("open", {"state": "dismissed"}, "open"),  # without a reason
        ("resolved", {"state": "open"}, "open"),
        ("resolved", {"state": "dismissed", "reason": "noise"}, "resolved"),  # not offered
        ("open", {"state": "nonsense"}, "open"),
    ],
)
def test_triage(editor: Client, slowed: object, present: str, told: dict[str, str], then: str) -> None:
    regression = total_regression()
    Regression.objects.filter(pk=regression.pk).update(state=present)
    answer = editor.post(f"/regressions/{regression.pk}/", {**told, "back": "state=all"})
    assert answer["Location"] == f"/regressions/?state=all#{regression.pk}"
    assert total_regression().state == then


def test_many_at_once(editor: Client, slowed: object) -> None:
    ids = [str(pk) for pk in Regression.objects.values_list("pk", flat=True)]
    assert len(ids) == 2
    sent: dict[str, Any] = {"ids": [*ids, ids[0], "x", "9999999"], "state": "acknowledged", "back": "sort=oldest"}
    answer = editor.post("/regressions/triage/", sent, follow=True)
    assert answer.redirect_chain == [("/regressions/?sort=oldest", 302)]
    page = answer.content.decode()
    assert "2 are acknowledged." in page
    assert "One of them is gone." in page
    assert set(Regression.objects.values_list("state", flat=True)) == {"acknowledged"}
    refused = editor.post("/regressions/triage/", {"ids": ids, "state": "dismissed"}, follow=True)
    assert "Say why" in refused.content.decode()
    nothing = editor.post("/regressions/triage/", {"state": "resolved"}, follow=True)
    assert "Nothing was selected" in nothing.content.decode()


def test_viewers_look_only(viewer: Client, slowed: object) -> None:
    regression = total_regression()
    for address in ("/regressions/", f"/regressions/{regression.pk}/"):
        assert 'type="submit" name="state"' not in viewer.get(address).content.decode()
    for address in (
        f"/regressions/{regression.pk}/",
        "/regressions/triage/",
        f"/regressions/{regression.pk}/new-normal",
    ):
        told = {"state": "resolved", "ids": [str(regression.pk)]}
        assert viewer.post(address, told).status_code == 403
    assert total_regression().state == "open"


def test_reopening_an_old_one_beside_a_live_one_is_refused(editor: Client, slowed: list[Launch]) -> None:
    old = total_regression()
    Regression.objects.filter(pk=old.pk).update(state="resolved")
    numbers = {"baseline_ns": 1, "candidate_ns": 2, "low": 1.0, "high": 2.0, "rule": "made for this test"}
    Regression.objects.create(service=old.service, first_launch=slowed[-1], **numbers)
    page = editor.post(f"/regressions/{old.pk}/", {"state": "open"}, follow=True).content.decode()
    assert "is open already" in page
    assert Regression.objects.get(pk=old.pk).state == "resolved"


def test_it_goes_and_comes_back_by_itself(db: None) -> None:
    for number in range(10):
        launched(usual(number))
    seen = []
    for number, load in enumerate([2000] * 3 + [1000] * 5 + [2000] * 3, start=10):
        launched(usual(number, load))
        seen.append(Regression.objects.filter(series=None).values_list("state", flat=True).first())
    assert seen == [None, None, "open", "open", "open", "open", "open", "resolved", "resolved", "resolved", "open"]
    assert Regression.objects.filter(series=None).count() == 1


def test_the_page_of_one(editor: Client, slowed: list[Launch]) -> None:
    regression = Regression.objects.get(series__path="model/weights")
    told = {"state": "acknowledged", "assignee": "editor", "note": "disk?", "ticket": "https://t.example/7"}
    assert editor.post(f"/regressions/{regression.pk}/", told)["Location"] == f"/regressions/{regression.pk}/"
    page = editor.get(f"/regressions/{regression.pk}/").content.decode()
    for shown in (
        "of the newest 5 launches", "back at the baseline up to", "launches in the baseline", "launchscope",
        "assigned to editor; note: disk?; ticket: https://t.example/7", "disk?", "First slower launch",
        f"/launches/{regression.first_launch_id}/", "This is the new normal", "after 5 launches in a row",
        "What changed", "<del>1.0</del>", "explains",
    ):  # fmt: skip
        assert shown in page
    compare = page.partition("/compare/?")[2].partition('"')[0].replace("&amp;", "&")
    assert editor.get(f"/compare/?{compare}").status_code == 200
    trend = editor.get(f"/regressions/{regression.pk}/trend.json").json()
    assert len(trend["layout"]["shapes"]) == 3
    assert editor.get("/regressions/9999999/").status_code == 404


def test_the_new_normal_is_one_click(editor: Client, slowed: list[Launch], queue_is_empty: None) -> None:
    regression = total_regression()
    page = editor.post(f"/regressions/{regression.pk}/new-normal", follow=True).content.decode()
    assert "begins anew" in page
    assert "this is the new normal" in page
    assert not Regression.objects.live().exists()
    assert BaselinePolicy.objects.get().begins_with == regression.first_launch


def test_markup_in_what_people_write_is_text(editor: Client, slowed: list[Launch]) -> None:
    regression = total_regression()
    User.objects.create_user("<b>x</b>")
    told = {"note": "<script>alert(1)</script>", "assignee": "<b>x</b>", "state": "dismissed", "reason": "<i>"}
    editor.post(f"/regressions/{regression.pk}/", told)
    for address in (f"/regressions/{regression.pk}/", "/regressions/?state=all"):
        page = editor.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>x</b>" not in page
        assert "<i>" not in page


def test_a_slow_drift_is_called_so_once_its_history_shows_it(viewer: Client) -> None:
    luck, launches = random.Random(4), []
    for number in range(40):
        grown = 4000 * (1 + 0.01 * number) * luck.lognormvariate(0, 0.03)
        accepted = received(usual(number, round(grown)))
        launch_id = ingest.parse(accepted.artifact)
        assert launch_id is not None
        launches.append(Launch.objects.get(pk=launch_id))
    first, service = launches[12], launches[12].service
    series = service.series.get(path="model/weights")
    seen = [one.start_time for one in launches[12:20]]
    [opened] = triage.sight(  # as looking on, which sees a step in what grows
        service.pk,
        [triage.Sighting(series, 4_200_000_000, 4_600_000_000, 1.05, 1.15, 4_400_000_000, first, seen, 3, "its level")],
    )
    assert "it is a slow drift, from" in viewer.get(f"/regressions/{opened.pk}/").content.decode()
    looked = look(service, "model/weights")
    assert [(one.launch, one.kind) for one in looked.history.changes] == [(str(launches[0].pk), "drift")]
    assert (looked.regressions, looked.others) == ({str(launches[0].pk): opened.pk}, [])


def test_a_step_is_not_called_a_drift(viewer: Client, slowed: list[Launch]) -> None:
    assert "slow drift" not in viewer.get(f"/regressions/{total_regression().pk}/").content.decode()
