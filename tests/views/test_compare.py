"""The comparison page, its figures and its picker."""

from __future__ import annotations

import pytest
from django.test import Client

from diagnostics.models import Launch
from tests.data.snapshots import phase, sequence, snapshot
from tests.views.conftest import launched, usual

OLD, NEW = "service=open-autoglm,version=1.0,last=20", "service=open-autoglm,version=2.0,last=20"


def test_groups(viewer: Client, slowed: list[Launch]) -> None:
    page = viewer.get("/compare/", {"baseline": OLD, "candidate": NEW}).content.decode()
    for shown in ("10 launches", "5 launches", "in 1 run", "weights", "+1.0 s", "slower", "95 % range"):
        assert shown in page
    assert "Candidate is 1.0 s slower (+77 %" in page
    assert "Flagged: q below 0.05, and a change of more than 2 % and 10 ms" in page
    assert "One launch a side" not in page
    assert page.index(">weights") < page.index(">config")


def test_what_changed_is_ranked_with_its_words(viewer: Client) -> None:
    for number in range(8):
        version, took, parallel = ("2.0", 2000, 4) if number > 3 else ("1.0", 1000, 2)
        labels = {"command": f"serve --tp {parallel} <b>", "pod": f"pod-{number}"}
        launched(usual(number, took, version=version, labels=labels))
    page = viewer.get("/compare/", {"baseline": OLD, "candidate": NEW}).content.decode()
    changed = page[page.index("What changed") : page.index("Phases, by what")]
    assert "serve --tp 2 &lt;b&gt;" in changed
    assert "<del>2</del> <ins>4</ins>" in changed
    assert "cannot be told apart from command" in changed
    assert "pod-" not in changed


def test_nothing_else_differs(viewer: Client) -> None:
    one = launched(usual(1, version="1.0"))
    page = viewer.get("/compare/", {"baseline": str(one.pk), "candidate": str(one.pk)}).content.decode()
    assert "Nothing that the launches tell of themselves differs" in page


def test_what_all_phases_did_together_is_said_once(viewer: Client) -> None:
    for number in range(10):
        slower = 1.3 if number > 4 else 1.0
        took = [round(slower * (500 + 10 * n + 7 * ((number * n) % 5))) for n in range(30)]
        launched(sequence(*took, number=number, version="2.0" if number > 4 else "1.0"))
    page = viewer.get("/compare/", {"baseline": OLD, "candidate": NEW}).content.decode()
    assert "all phases together" in page
    assert "Everything was 30 % slower together" in page
    assert "Moved with the whole launch" in page


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
