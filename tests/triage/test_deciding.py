"""What people may decide, and what is said when they may not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from diagnostics.models import Regression, Service
from diagnostics.triage import MOVES, Actor, Decision, TriageError, decide, sight
from tests.triage.conftest import launch, sighting

ANN = Actor("ann")


@pytest.fixture
def regression(service: Service) -> Regression:
    return sight(service.pk, [sighting(service, "load")])[0]


@pytest.mark.parametrize("before", Regression.State.values)
@pytest.mark.parametrize("after", Regression.State.values)
def test_moves(regression: Regression, before: str, after: str) -> None:
    Regression.objects.update(state=before, reason="r" if before == "dismissed" else "")
    wanted = Decision(state=after, reason="noise")
    if after in (before, *MOVES[before]):
        assert decide(regression.pk, wanted, ANN).state == after
    else:
        with pytest.raises(TriageError) as refused:
            decide(regression.pk, wanted, ANN)
        assert (refused.value.where, refused.value.code) == ("state", "conflict")
        assert Regression.objects.get().state == before


def test_everything_at_once_is_one_line_of_history(regression: Regression) -> None:
    user = User.objects.create_user("bob")
    wanted = Decision("acknowledged", assignee="bob", note="disk?", ticket="https://tickets.example/7")
    decide(regression.pk, wanted, Actor("bob", user))
    now = Regression.objects.get()
    assert (now.state, now.assignee, now.note, now.ticket) == (
        "acknowledged", user, "disk?", "https://tickets.example/7",
    )  # fmt: skip
    last = now.changes.last()
    assert last is not None
    assert (last.user, last.actor, last.from_state, last.to_state) == (user, "bob", "open", "acknowledged")
    assert last.text == "assigned to bob; note: disk?; ticket: https://tickets.example/7"


def test_what_changes_nothing_leaves_no_trace(regression: Regression) -> None:
    decide(regression.pk, Decision(state="open", assignee="", note="", ticket=""), ANN)
    assert regression.changes.count() == 1


def test_things_are_taken_away(regression: Regression) -> None:
    User.objects.create_user("bob")
    decide(regression.pk, Decision(assignee="bob", note="n", ticket="http://t.example/"), ANN)
    decide(regression.pk, Decision(assignee="", note="", ticket=""), ANN)
    now = Regression.objects.get()
    assert (now.assignee, now.note, now.ticket) == (None, "", "")


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        (Decision(state="dismissed"), "reason"),
        (Decision(state="dismissed", reason="  "), "reason"),
        (Decision(state="closed"), "state"),
        (Decision(assignee="nobody"), "assignee"),
        (Decision(ticket="javascript:alert(1)"), "ticket"),
        (Decision(ticket="ABC-1"), "ticket"),
        (Decision(note="x" * 2001), "note"),
        (Decision(note="\0"), "note"),
    ],
)
def test_refusals(regression: Regression, wanted: Decision, where: str) -> None:
    with pytest.raises(TriageError) as refused:
        decide(regression.pk, wanted, ANN)
    assert (refused.value.where, refused.value.code) == (where, "invalid_parameter")
    assert regression.changes.count() == 1


def test_the_reason_goes_when_it_is_opened_again(regression: Regression) -> None:
    decide(regression.pk, Decision(state="dismissed", reason="noise"), ANN)
    assert Regression.objects.get().reason == "noise"
    decide(regression.pk, Decision(state="open"), ANN)
    assert Regression.objects.get().reason == ""


def test_only_one_of_a_family_is_live(regression: Regression, service: Service) -> None:
    decide(regression.pk, Decision(state="resolved"), ANN)
    launch(service, 60)
    sight(service.pk, [sighting(service, "load", baseline=1600, candidate=2400, slow=(61, 62, 63))])
    with pytest.raises(TriageError, match="open already"):
        decide(regression.pk, Decision(state="open"), ANN)


@pytest.mark.django_db
def test_one_that_is_not_there() -> None:
    with pytest.raises(Regression.DoesNotExist):
        decide(1, Decision(state="open"), ANN)
