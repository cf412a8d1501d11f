from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent.false_positives import recommend, rows, wilson_high
from diagnostics.agent.probing import Outcome
from diagnostics.agent.runtime_scope import Round

SECOND = 10**9


def moment(latency: float, *timeouts: float) -> Round:
    """What probes see of a dependency that answers after ``latency`` seconds."""
    return {
        timeout: Outcome(
            0,
            timeout,
            latency < timeout,
            round(min(latency, timeout) * SECOND),
            reason="" if latency < timeout else "timeout",
        )
        for timeout in timeouts
    }


def test_counts_by_hand() -> None:
    seen = [moment(latency, 3, 5, 10) for latency in (1, 4, 6, 12)]
    assert [(r.timeout, r.probes, r.successes, r.judged, r.false_positives) for r in rows(seen)] == [
        (3, 4, 1, 3, 2),  # the round of 12 s judges nobody: the dependency may have been down
        (5, 4, 2, 3, 1),
        (10, 4, 3, 0, 0),
    ]
    assert rows(seen)[0].rate == pytest.approx(2 / 3)
    assert rows(seen)[2].rate is None


@pytest.mark.parametrize(
    ("hits", "trials", "high"),
    # R: binom::binom.confint(x, n, methods = "wilson")$upper
    [(0, 10, 0.2775), (1, 10, 0.4042), (5, 10, 0.7634), (10, 10, 1.0), (3, 200, 0.0432)],
)
def test_wilson(hits: int, trials: int, high: float) -> None:
    assert wilson_high(hits, trials) == pytest.approx(high, abs=5e-5)


def test_the_shortest_with_headroom_is_recommended() -> None:
    advice = recommend([moment(0.4, 0.5, 1, 10)] * 12)
    assert (advice.timeout, advice.enough_data) == (1, True)


def test_one_slow_answer_in_a_hundred_is_tolerated_only_with_headroom() -> None:
    advice = recommend([moment(0.1, 3, 5, 10)] * 99 + [moment(4, 3, 5, 10)])
    assert advice.timeout == 10


def test_nothing_fits() -> None:
    advice = recommend([moment(6, 3, 5, 10)] * 12)
    assert advice.timeout == 10
    assert "try longer ones" in advice.because


def test_a_dependency_that_is_down_gets_no_timeout() -> None:
    advice = recommend([moment(99, 3, 10)] * 12)
    assert (advice.timeout, advice.enough_data) == (None, False)


def test_few_rounds_say_so() -> None:
    advice = recommend([moment(0.1, 3, 10)] * 4)
    assert (advice.timeout, advice.enough_data) == (3, False)
    assert "4 rounds" in advice.because


def test_no_rounds_at_all() -> None:
    assert recommend([]).timeout is None


@given(st.lists(st.floats(0.001, 20), min_size=1, max_size=30))
def test_a_longer_timeout_never_has_more_false_positives(latencies: list[float]) -> None:
    table = rows([moment(latency, 1, 2, 5, 10) for latency in latencies])
    counts = [row.false_positives for row in table]
    assert counts == sorted(counts, reverse=True)
    assert all(row.judged <= row.probes for row in table)
