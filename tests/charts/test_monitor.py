from __future__ import annotations

import pytest
from plotly.graph_objects import Figure

from diagnostics.charts.monitor import LatencyPoint, latencies
from diagnostics.records import Interval

SECOND = 10**9
BEGIN = 1_795_000_000 * SECOND
SPAN = Interval(BEGIN, BEGIN + 3600 * SECOND)


def point(n: int, ms: int | None, failed: int = 0, checks: int = 1, slowest: int | None = None) -> LatencyPoint:
    error = "The status is 503 <b>." if failed else ""
    took = None if ms is None else ms * 10**6
    return LatencyPoint(BEGIN + n * 60 * SECOND, checks, failed, took, slowest * 10**6 if slowest else took, error)


def drawn(*points: LatencyPoint, limits: tuple[int, ...] = ()) -> dict[str, dict[str, object]]:
    made = latencies(points, SPAN, limits).to_dict()
    assert Figure(made), "plotly itself finds nothing wrong with it"
    return {trace["meta"]["role"]: trace for trace in made["data"]}


def test_failures_interrupt_the_line_and_stand_at_its_foot() -> None:
    traces = drawn(point(0, 20), point(1, None, failed=1), point(2, 30), point(3, 25))
    assert traces["latency"]["y"] == [0.02, None, 0.03, 0.025]
    assert (traces["failed"]["y"], len(traces["failed"]["x"])) == ([0], 1)  # type: ignore[arg-type]
    assert "503 &lt;b&gt;" in str(traces["failed"]["hovertext"])
    assert "slowest" not in traces


def test_many_checks_a_point_show_their_slowest() -> None:
    traces = drawn(point(0, 20, checks=10, slowest=900), point(1, 25, failed=2, checks=10, slowest=50))
    assert traces["slowest"]["y"] == [0.9, 0.05]
    assert "median 20 ms, slowest 900 ms" in str(traces["latency"]["hovertext"])


@pytest.mark.parametrize(("limit", "top"), [(SECOND, 1.08), (100 * SECOND, 0.54)])
def test_a_limit_is_drawn_and_presses_nothing_flat(limit: int, top: float) -> None:
    made = latencies([point(0, 500)], SPAN, [limit])
    assert {trace.meta["role"]: list(trace.y) for trace in made.data}["limit"] == [limit / SECOND] * 2
    assert made.layout.yaxis.range[1] == pytest.approx(top)


def test_in_words() -> None:
    def told(*points: LatencyPoint) -> str:
        return str(latencies(points, SPAN).layout.meta["summary"])

    assert told() == "No checks yet."
    assert told(point(0, 20), point(1, None, failed=1)) == "2 checks. Median 20 ms, slowest 20 ms. 1 failed."
    assert told(point(0, None, failed=1)) == "1 check. 1 failed."
