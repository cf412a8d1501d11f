"""The list of regressions and what people decide about them."""

from __future__ import annotations

import pytest
from django.test import Client

from diagnostics.models import Launch, Regression
from tests.views.conftest import launched, usual


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


def test_filters(viewer: Client, slowed: list[Launch]) -> None:
    assert "No regression matches" in viewer.get("/regressions/?state=dismissed").content.decode()
    assert "No regression matches" in viewer.get("/regressions/?service=other").content.decode()
    assert "weights" in viewer.get("/regressions/?service=open-autoglm&state=all").content.decode()


@pytest.mark.parametrize(
    ("present", "wanted", "then"),
    [
        ("open", "acknowledged", "acknowledged"),
        ("open", "dismissed", "dismissed"),
        ("resolved", "open", "open"),
        ("resolved", "dismissed", "resolved"),  # not offered
        ("open", "nonsense", "open"),
    ],
)
def test_triage(editor: Client, slowed: object, present: str, wanted: str, then: str) -> None:
    regression = total_regression()
    Regression.objects.filter(pk=regression.pk).update(state=present)
    answer = editor.post(f"/regressions/{regression.pk}/", {"state": wanted, "back": "state=all"})
    assert answer["Location"] == f"/regressions/?state=all#{regression.pk}"
    assert total_regression().state == then


def test_viewers_look_only(viewer: Client, slowed: object) -> None:
    assert 'type="submit" name="state"' not in viewer.get("/regressions/").content.decode()
    assert viewer.post(f"/regressions/{total_regression().pk}/", {"state": "dismissed"}).status_code == 403
    assert total_regression().state == "open"


def test_reopening_an_old_one_beside_a_live_one_is_refused(editor: Client, slowed: object) -> None:
    old = total_regression()
    Regression.objects.filter(pk=old.pk).update(state="resolved")
    launched(usual(15, 2000, version="2.1"))
    assert Regression.objects.filter(series=None).count() == 2
    page = editor.post(f"/regressions/{old.pk}/", {"state": "open"}, follow=True).content.decode()
    assert "is open already" in page
    assert Regression.objects.get(pk=old.pk).state == "resolved"
