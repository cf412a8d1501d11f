from __future__ import annotations

from diagnostics.analysis.diagnosis.finding import Layer
from diagnostics.analysis.diagnosis.rules.thermal import thermal_throttle
from diagnostics.records import Category
from tests.analysis.diagnosis.cases import case, event, ns, phase, usual

HOT = "CPU{}: Package temperature above threshold, cpu clock throttled (total events = 7)"
WELL = "CPU{}: Package temperature/speed normal"


def test_the_time_between_hot_and_well() -> None:
    told = case(
        phase("warm-up", 0, 60),
        events=[event(Category.THROTTLE, 10, HOT.format(n), line=n + 1) for n in range(8)]
        + [event(Category.THROTTLE, 40, WELL.format(n)) for n in range(8)],
        usual={"warm-up": usual(40, 40, 40)},
    )

    (finding,) = thermal_throttle(told)

    assert (finding.layer, finding.phase, finding.cost) == (Layer.CPU, "warm-up", ns(20))
    assert finding.text == "8 CPUs ran slower for heat, for up to 30 s of warm-up."
    assert len(finding.evidence_for) == 6


def test_without_a_history_nothing_tells_what_it_cost() -> None:
    told = case(phase("warm-up", 0, 60), events=[event(Category.THROTTLE, 10, HOT.format(0), cpu=0, problem=True)])

    (finding,) = thermal_throttle(told)

    assert (finding.cost, finding.confidence) == (0, 0.4)


def test_is_silent_once_it_is_over() -> None:
    events = [event(Category.THROTTLE, 10, WELL.format(0)), event(Category.THROTTLE, -90, HOT.format(1))]

    assert list(thermal_throttle(case(phase("warm-up", 0, 60), events=events))) == []
