from __future__ import annotations

import pytest

from diagnostics.analysis.change_points import perfherder_alerts
from tests.analysis.change_points.series import made, needs_shared, shared, times


@needs_shared
@pytest.mark.parametrize("name", ["runs1", "runs3", "runs5", "tp5rss"])
def test_its_alerts_are_those_of_perfherder(name: str) -> None:
    values = shared(f"perfherder/series/{name}.json")["values"]
    assert perfherder_alerts([[value] for value in values]) == shared("perfherder/labels.json")[name]["indices"]


def test_a_step_needs_full_windows() -> None:
    assert perfherder_alerts(times(made(60, launches=1, spread=0.01), 2, 30)) == [30]
    assert perfherder_alerts(times(made(40, launches=1, spread=0.01), 2, 32)) == []
    assert perfherder_alerts(times(made(40, launches=1, spread=0.01), 2, 8)) == []


def test_without_any_variance_every_step_is_infinitely_clear() -> None:
    assert perfherder_alerts([[1.0]] * 20 + [[2.0]] * 20) == [20]
    assert perfherder_alerts([[1.0]] * 40) == []
    assert perfherder_alerts([]) == []


def test_empty_runs_are_counted_and_passed_over() -> None:
    whole = times(made(60, launches=1, spread=0.01), 2, 30)
    gaps = [whole[i // 2] if i % 2 == 0 else [] for i in range(120)]
    assert perfherder_alerts(gaps) == [60]
