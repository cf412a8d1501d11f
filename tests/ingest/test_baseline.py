"""Which launches a launch is judged against."""

from __future__ import annotations

import pytest

from diagnostics.models import Launch, Regression
from diagnostics.records import Verdict
from tests.views.conftest import launched, usual

pytestmark = pytest.mark.django_db


def test_a_step_does_not_enter_its_own_baseline() -> None:
    good = [launched(usual(number, version="1.0")) for number in range(6)]
    slow = [launched(usual(number, 1500, version="2.0")) for number in range(6, 10)]
    assert [Launch.objects.get(pk=one.pk).verdict for one in slow] == [Verdict.REGRESSED] * 4
    assert Regression.objects.filter(series=None, first_launch=slow[0]).exists()
    last = launched(usual(10, 1500, version="2.0"))
    assert {one.pk for one in Launch.objects.baseline_of(last, 20)} == {one.pk for one in good}


def test_what_stays_slow_becomes_the_baseline() -> None:
    for number in range(6):
        launched(usual(number))
    for number in range(6, 40):
        newest = launched(usual(number, 1500))
    assert Launch.objects.get(pk=newest.pk).verdict == Verdict.UNCHANGED
