"""The comparison page, its figures and its picker."""

from __future__ import annotations

import pytest
from django.test import Client

from diagnostics.models import Launch
from tests.data.snapshots import phase, snapshot
from tests.views.conftest import launched

OLD, NEW = "service=open-autoglm,version=1.0,last=20", "service=open-autoglm,version=2.0,last=20"


def test_groups(viewer: Client, slowed: list[Launch]) -> None:
    page = viewer.get("/compare/", {"baseline": OLD, "candidate": NEW}).content.decode()
    for shown in ("10 launches", "5 launches", "weights", "+1.0 s", "slower", "95 % range"):
        assert shown in page
    assert "One launch a side" not in page
    assert page.index(">weights") < page.index(">config")


def test_check_boxes_make_groups_too(viewer: Client, slowed: list[Launch]) -> None:
    query = {"baseline": [str(one.pk) for one in slowed[:3]], "candidate": [str(one.pk) for one in slowed[-2:]]}
    page = viewer.get("/compare/", query).content.decode()
    assert "3 launches" in page
    assert "2 launches" in page


def test_one_launch_a_side_is_told(viewer: Client, slowed: list[Launch]) -> None:
    query = {"baseline": str(slowed[0].pk), "candidate": str(slowed[-1].pk)}
    page = viewer.get("/compare/", query).content.decode()
    assert "One launch a side" in page
    assert "95 % range" not in page


def test_appeared_and_vanished_are_rows(viewer: Client) -> None:
    before = launched(snapshot(phase("same"), phase("old", 100)))
    after = launched(snapshot(phase("same"), phase("brand-new", 100)))
    page = viewer.get("/compare/", {"baseline": str(before.pk), "candidate": str(after.pk)}).content.decode()
    assert "appeared" in page
    assert "vanished" in page


def test_many_phases_are_paged(viewer: Client) -> None:
    one = launched(snapshot(*(phase(f"step-{n}", n * 10, 10) for n in range(130))))
    page = viewer.get("/compare/", {"baseline": str(one.pk), "candidate": str(one.pk), "page": "2"}).content.decode()
    assert "26 to 50 of 130" in page


@pytest.mark.parametrize(
    ("baseline", "candidate", "sentence"),
    [
        ("nonsense", NEW, "“nonsense” is not a launch id"),
        (OLD, "00000000-0000-4000-8000-000000000000", "There is no parsed launch"),
        (OLD, "service=nobody,last=3", "No parsed launch matches"),
        (OLD, "service=open-autoglm,last=0", "last=0"),
        ("ser\0vice=x", NEW, "No parsed launch matches"),
    ],
)
def test_unreadable_selection_gets_a_sentence_and_the_picker(
    viewer: Client, slowed: object, baseline: str, candidate: str, sentence: str
) -> None:
    answer = viewer.get("/compare/", {"baseline": baseline, "candidate": candidate})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert "What with what?" in answer.content.decode()
    figure = viewer.get("/compare/figure.json", {"baseline": baseline, "candidate": candidate})
    assert figure.status_code == 400
    assert sentence in figure.json()["error"]["message"]


def test_picker_offers_versions_and_launches(viewer: Client, slowed: list[Launch]) -> None:
    page = viewer.get("/compare/").content.decode()
    assert "2.0 (5)" in page
    assert f'<option value="{slowed[-1].pk}"' in page


def test_picker_without_launches(viewer: Client) -> None:
    assert "no launches to compare yet" in viewer.get("/compare/").content.decode()


@pytest.mark.parametrize("kind", ["contributions", "aligned"])
def test_figures(viewer: Client, slowed: object, kind: str) -> None:
    query = {"baseline": OLD, "candidate": NEW, "kind": kind, "width": "700"}
    figure = viewer.get("/compare/figure.json", query).json()
    assert figure["layout"]["meta"]["kind"] == kind
    assert figure["data"]
