"""What if, as the launch page asks it."""

from __future__ import annotations

import pytest
from django.test import Client

from diagnostics.models import PhaseRecord
from tests.views.evidence_files import slow_launch


def position(name: str) -> str:
    return str(PhaseRecord.objects.get(series__name=name).position)


@pytest.mark.parametrize(("change", "total", "saved"), [("cached", "20.0 s", "40.0 s"), ("half", "40.0 s", "20.0 s")])
def test_a_shorter_phase_makes_a_shorter_launch(viewer: Client, change: str, total: str, saved: str) -> None:
    launch = slow_launch()
    answer = viewer.get(f"/launches/{launch.pk}/what-if", {"phase": position("weights"), "change": change})
    page = answer.content.decode()
    assert f"<strong>{total}</strong>, {saved} less than 1 m 0.0 s" in page
    assert "bound by" in page
    assert "warm-up" in page


def test_two_phases_beside_each_other(viewer: Client) -> None:
    launch = slow_launch()
    query = {"phase": position("weights"), "change": "parallel", "with": position("config")}
    page = viewer.get(f"/launches/{launch.pk}/what-if", query).content.decode()
    assert "<strong>50.0 s</strong>" in page
    assert "do not slow each other down" in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({}, "Choose a phase"),
        ({"phase": "0", "change": "nonsense"}, "Choose a phase"),
        ({"phase": "x", "change": "half"}, "Choose a phase"),
        ({"phase": "99", "change": "half"}, "no phase"),
        ({"phase": "0", "change": "parallel", "with": ""}, "no phase"),
        ({"phase": "0", "change": "parallel", "with": "0"}, "inside the other"),
    ],
)
def test_what_cannot_be_is_a_sentence(viewer: Client, query: dict[str, str], sentence: str) -> None:
    answer = viewer.get(f"/launches/{slow_launch().pk}/what-if", query)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_the_page_offers_the_phases_that_matter_first(viewer: Client) -> None:
    page = viewer.get(f"/launches/{slow_launch().pk}/").content.decode()
    choices = page[page.index('id="what-if-phase"') : page.index('id="what-if-change"')]
    assert choices.index("weights") < choices.index("warm-up")
