"""One regression per change and phase family, never two, and the same one when it comes back."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from diagnostics.models import Regression, RegressionChange, Service
from diagnostics.triage import LAUNCHSCOPE, Actor, Decision, decide, moved, sight
from tests.triage.conftest import launch, series, sighting

ANN = Actor("ann")


def phases(service: Service) -> list[str | None]:
    return [row.phase for row in Regression.objects.filter(service=service).order_by("pk")]


def test_opening_is_written_down(service: Service) -> None:
    (regression,) = sight(service.pk, [sighting(service, "load")])
    assert (regression.state, regression.family, regression.first_version) == ("open", "load", "1.10")
    (change,) = regression.changes.all()
    assert (change.actor, change.from_state, change.to_state) == ("launchscope", "", "open")
    assert change.text == "made for this test"


def test_the_same_sighting_again_changes_nothing(service: Service) -> None:
    sight(service.pk, [sighting(service, "load")])
    assert sight(service.pk, [sighting(service, "load")]) == []
    assert RegressionChange.objects.count() == 1


def test_ranks_and_repetitions_are_one_family(service: Service) -> None:
    sight(service.pk, [sighting(service, path) for path in ("load@TP0", "load@TP1", "load@TP1#2", "step-1", "step-2")])
    assert phases(service) == ["load@TP0", "step-1", "step-2"]


def test_a_phase_that_is_slower_by_what_is_in_it_is_not_told_of(service: Service) -> None:
    inner = sighting(service, "model/load/weights", baseline=500, candidate=1100)
    outer = [sighting(service, path, baseline=900, candidate=1502) for path in ("model", "model/load")]
    sight(service.pk, [*outer, inner, sighting(service)])
    assert phases(service) == ["model/load/weights", None]


def test_a_phase_that_is_slower_beside_what_is_in_it_is_told_of(service: Service) -> None:
    inner = sighting(service, "model/weights", baseline=500, candidate=800)
    sight(service.pk, [sighting(service, "model", baseline=900, candidate=1700), inner])
    assert phases(service) == ["model/weights", "model"]


def test_what_is_inside_an_open_one_and_explains_it_takes_its_place(service: Service) -> None:
    [outer] = sight(service.pk, [sighting(service, "model", baseline=900, candidate=1500)])
    inner = sighting(service, "model/weights", baseline=500, candidate=1100)
    assert sight(service.pk, [inner]) == [outer]
    sight(service.pk, [sighting(service, "model/graph", baseline=500, candidate=600)])
    assert phases(service) == ["model/weights", "model/graph"]
    assert "it is model/weights in it" in outer.changes.latest("pk").text
    assert sight(service.pk, [inner, sighting(service, "model", baseline=900, candidate=1500)]) == []


def test_what_somebody_works_on_already_stays_as_it_is(service: Service) -> None:
    [outer] = sight(service.pk, [sighting(service, "model", baseline=900, candidate=1500)])
    decide(outer.pk, Decision(state="acknowledged"), LAUNCHSCOPE)
    assert sight(service.pk, [sighting(service, "model/weights", baseline=500, candidate=1100)]) == []
    assert phases(service) == ["model"]


def test_a_resolved_one_opens_again_when_it_comes_back(service: Service) -> None:
    (regression,) = sight(service.pk, [sighting(service, "load")])
    launch(service, 12)
    decide(regression.pk, Decision(state="resolved"), ANN)
    assert sight(service.pk, [sighting(service, "load", slow=(11, 12, 13, 14))]) == []  # two of them were known
    (again,) = sight(service.pk, [sighting(service, "load", slow=(12, 13, 14, 15))])
    assert again.pk == regression.pk
    assert Regression.objects.get().state == "open"
    history = [(change.actor, change.to_state) for change in regression.changes.all()]
    assert history == [("launchscope", "open"), ("ann", "resolved"), ("launchscope", "open")]


def test_a_dismissed_one_stays_silent_until_it_is_worse(service: Service) -> None:
    (regression,) = sight(service.pk, [sighting(service, "load")])
    decide(regression.pk, Decision(state="dismissed", reason="a test host"), ANN)
    assert sight(service.pk, [sighting(service, "load", slow=(20, 21, 22))]) == []
    (worse,) = sight(service.pk, [sighting(service, "load", candidate=2500, slow=(30, 31, 32))])
    assert worse.pk != regression.pk
    assert Regression.objects.get(pk=regression.pk).state == "dismissed"


@pytest.mark.parametrize("end", [Decision(state="resolved"), Decision(state="dismissed", reason="as planned")])
def test_a_step_from_a_new_baseline_is_a_new_regression(service: Service, end: Decision) -> None:
    (regression,) = sight(service.pk, [sighting(service, "load")])
    decide(regression.pk, end, ANN)
    (other,) = sight(service.pk, [sighting(service, "load", baseline=1600, candidate=2400, slow=(50, 51, 52))])
    assert other.pk != regression.pk


@pytest.mark.parametrize("state", ["open", "acknowledged"])
def test_the_database_refuses_a_second_of_a_family(service: Service, state: str) -> None:
    (regression,) = sight(service.pk, [sighting(service, "load@TP0")])
    numbers = {"baseline_ns": 1, "candidate_ns": 2, "low": 1.0, "high": 2.0, "rule": "r"}
    made = Regression(
        service=service, series=series(service, "load@TP1"), state=state, first_launch=launch(service, 99), **numbers
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save()
    moved(regression, "resolved", LAUNCHSCOPE, "")
    made.save()
    assert Regression.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_workers_at_once_open_one(service: Service, attempt: int) -> None:
    first = launch(service, 10)
    paths = ["load@TP0", "load@TP1", "load@TP2", "load@TP3"]
    seen = [sighting(service, path, first) for path in paths]
    together = threading.Barrier(len(seen))
    errors: list[Exception] = []

    def work(number: int) -> None:
        together.wait()
        try:
            sight(service.pk, [seen[number], sighting(service, None, first)])
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(len(seen))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(Regression.objects.values_list("family", flat=True)) == ["", "load@TP*"]
    assert RegressionChange.objects.count() == 2
