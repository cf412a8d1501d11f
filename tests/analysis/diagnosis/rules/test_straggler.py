from __future__ import annotations

from dataclasses import replace

import pytest

from diagnostics.analysis.diagnosis.finding import Severity
from diagnostics.analysis.diagnosis.rules.straggler import straggler_rank
from diagnostics.records import Phase
from tests.analysis.diagnosis.cases import case, ns, phase


def loads(*seconds: float, name: str = "weights-load", start: float = 0) -> list[Phase]:
    return [phase(name, start, start + took, lane=f"TP{rank}") for rank, took in enumerate(seconds)]


def test_one_rank_that_keeps_the_others_waiting() -> None:
    (found,) = straggler_rank(case(*loads(20, 21, 58, 20), phase("serve", 58, 60)))
    assert found.text == "TP2 took 58 s for weights-load, the other 3 ranks 20 s (median)."
    assert (found.phase, found.severity) == ("weights-load@TP2", Severity.WARNING)
    assert (found.expected, found.actual, found.cost) == (ns(20), ns(58), ns(38))
    assert "TP0 20 s, TP1 21 s, TP2 58 s, TP3 20 s" in found.evidence_for[0].text


def test_by_what_the_agent_merged() -> None:
    ranks = {"TP0": ns(20), "TP1": ns(20), "TP2": ns(21), "TP3": ns(40)}
    (found,) = straggler_rank(case(phase("weights-load", 0, 40, ranks=ranks, slowest="TP3"), phase("serve", 40, 50)))
    assert found.text.startswith("TP3 took 40 s")


def test_of_a_launch_of_which_only_the_longest_phases_are_held() -> None:
    short = [phase("short", n / 100, n / 100 + 0.01) for n in range(20)]
    inner = [phase("read", 1, 2, parent=20 + rank, lane=f"TP{rank}") for rank in range(4)]
    whole = case(*short, *loads(20, 21, 58, 20), *inner, phase("serve", 58, 60))
    held = replace(whole, launch=replace(whole.launch, phases=whole.launch.phases[20:]))
    assert [found.phase for found in straggler_rank(held)] == ["weights-load@TP2"]


def test_the_same_rank_in_two_phases_is_surer() -> None:
    once = list(straggler_rank(case(*loads(20, 21, 40, 20))))
    twice = list(straggler_rank(case(*loads(20, 21, 40, 20), *loads(5, 5, 15, 5, name="capture", start=40))))
    assert len(twice) == 1
    assert "2 of 2 phases" in twice[0].text
    assert twice[0].confidence > once[0].confidence


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param((20, 21, 20, 22), id="alike"),
        pytest.param((20, 58), id="two ranks: which is the slow one, which the fast"),
        pytest.param((20, 20, 55, 58), id="half of them"),
        pytest.param((0.1, 0.1, 0.9, 0.1), id="less than a second"),
        pytest.param((20,), id="one rank"),
    ],
)
def test_silent(seconds: tuple[float, ...]) -> None:
    assert not list(straggler_rank(case(*loads(*seconds))))


def test_nobody_waited_for_a_rank_off_the_path() -> None:
    (found,) = straggler_rank(case(phase("download", 0, 90, lane="main"), *loads(20, 21, 58, 20)))
    assert (found.severity, found.cost) == (Severity.NOTICE, 0)
    assert found.evidence_against
