"""The page of a service's baseline."""

from __future__ import annotations

import pytest
from django.test import Client

from diagnostics.analysis.thresholds import Threshold
from diagnostics.baselines import PolicyError, begin_anew
from diagnostics.forms.policy import initial, read_thresholds
from diagnostics.models import BaselinePolicy, Launch
from diagnostics.triage import Actor
from tests.views.conftest import launched, usual

PAGE = "/services/open-autoglm/baseline/?environment="


@pytest.fixture
def one(db: None, queue_is_empty: None) -> Launch:
    return launched(usual(0, version="1.0"))


def test_everybody_sees_it_and_editors_change_it(viewer: Client, editor: Client, one: Launch) -> None:
    page = viewer.get(PAGE).content.decode()
    assert "held against the last good launches before it" in page
    assert "Save" not in page
    assert viewer.post(PAGE, {"choose": "last_good"}).status_code == 403
    told = {
        "choose": "pinned",
        "version": "1.0",
        "launches": "7",
        "thresholds": "import* = ignore\nload = 10 %, 500 ms\n",
    }
    page = editor.post(PAGE, told, follow=True).content.decode()
    assert "the last 7 good launches of version 1.0" in page
    assert "load = 10 %, 500 ms" in page
    assert "Last changed by editor" in page
    assert BaselinePolicy.objects.get().rules == [
        Threshold("import*", ignore=True),
        Threshold("load", 0.1, 500_000_000),
    ]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"choose": "pinned"}, "Say which version"),
        ({"choose": "tagged", "label": "x"}, "Say which label"),
        ({"choose": "last_good", "launches": "1"}, "greater than or equal to 3"),
        ({"choose": "last_good", "thresholds": "load 10 %"}, "Line 1, “load 10 %”"),
    ],
)
def test_mistakes_are_told(editor: Client, one: Launch, told: dict[str, str], words: str) -> None:
    answer = editor.post(PAGE, told)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not BaselinePolicy.objects.exists()


def test_the_new_normal_is_taken_back(editor: Client, one: Launch) -> None:
    begin_anew(one, Actor("ann"))
    assert "The new normal begins at" in editor.get(PAGE).content.decode()
    editor.post(PAGE, {"look_back": "1"})
    assert BaselinePolicy.objects.get().begins_at is None


def test_a_service_that_is_not_there(editor: Client, one: Launch) -> None:
    assert editor.get("/services/nobody/baseline/").status_code == 404


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("a = 10 %", Threshold("a", 0.1)),
        ("a=b = 1.5%, 2s", Threshold("a=b", 0.015, 2 * 10**9)),
        ("model/* = 20 ms", Threshold("model/*", None, 20_000_000)),
        ("(total) = ignore", Threshold("(total)", ignore=True)),
    ],
)
def test_lines_of_thresholds(line: str, rule: Threshold) -> None:
    assert list(read_thresholds(f"\n{line}\n")) == [rule]
    policy = BaselinePolicy(
        thresholds=[{"phase": rule.phase, "ratio": rule.ratio, "ns": rule.ns, "ignore": rule.ignore}]
    )
    assert list(read_thresholds(initial(policy)["thresholds"])) == [rule]


@pytest.mark.parametrize(
    "line", ["a", "= 10 %", "a =", "a = 10", "a = x s", "a = 10 %, 5 %", "a = 1 s, 2 s", "a = 10 %,"]
)
def test_lines_that_cannot_be_read(line: str) -> None:
    with pytest.raises(PolicyError, match="Line 2"):
        list(read_thresholds(f"ok = 1 %\n{line}"))
