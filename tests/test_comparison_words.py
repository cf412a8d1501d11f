"""Comparisons in one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnostics.analysis.thresholds import Least, Threshold
from diagnostics.comparison_words import factor_sentence, headline, rule
from diagnostics.records import Comparison, Delta, Floors, LaunchFactor, Verdict

S = 1_000_000_000
NOTHING = Delta("unaccounted", 0, 0, 0, None, None, None, None, Verdict.UNCHANGED, 0, None)


def total(verdict: Verdict, before: int, after: int, least: float | None = 0.05, bounded: bool = True) -> Delta:
    ratio, change = after / before, after - before
    low, high, q = (ratio - 0.02, ratio + 0.02, 0.01) if bounded else (None, None, None)
    return Delta(None, before, after, change, ratio, low, high, q, verdict, change, least)


def part(name: str, contribution: int, verdict: Verdict = Verdict.UNCHANGED) -> Delta:
    return replace(NOTHING, phase=name, contribution=contribution, verdict=verdict)


@pytest.mark.parametrize(
    ("found", "launches", "failed", "said"),
    [
        (
            Comparison(
                total(Verdict.REGRESSED, 340 * S, 381 * S),
                [part("a/weights", 38 * S, Verdict.REGRESSED), part("a/graphs", 2 * S), part("x", S)],
                NOTHING,
            ),
            (8, 8),
            (0, 0),
            "Candidate is 41.0 s slower (+12 %, 95 % range +10 % to +14 %): weights +38.0 s, 2 other parts +3.0 s.",
        ),
        (
            Comparison(total(Verdict.IMPROVED, 20 * S, 10 * S), [part("load", -10 * S)], NOTHING),
            (5, 5),
            (1, 0),
            (
                "Candidate is 10.0 s faster (−50 %, 95 % range −52 % to −48 %): load −10.0 s. "
                "Never got ready: 1 of 5 before, 0 of 5 after."
            ),
        ),
        (
            Comparison(total(Verdict.UNCHANGED, 10 * S, 10 * S), [], NOTHING),
            (5, 5),
            (0, 0),
            (
                "The total is unchanged (0 %, 95 % range −2 % to +2 %): a change of 5 % would have had an even chance "
                "to be seen."
            ),
        ),
        (
            Comparison(total(Verdict.NOT_ENOUGH_DATA, 10 * S, 12 * S, 1.4), [part("load", 2 * S)], NOTHING),
            (2, 3),
            (0, 0),
            (
                "Cannot tell from 2 and 3 launches whether +2.0 s (+20 %, 95 % range +18 % to +22 %) is more than "
                "chance; only a change of 140 % would have had an even chance to be seen. "
                "The largest parts: load +2.0 s."
            ),
        ),
        (
            Comparison(
                total(Verdict.NOT_ENOUGH_DATA, 10 * S, 12 * S, None, bounded=False),
                [part("load", 2 * S)],
                NOTHING,
            ),
            (1, 1),
            (0, 0),
            "Candidate is 2.0 s slower (+20 %); one launch is no statistics. The largest parts: load +2.0 s.",
        ),
    ],
    ids=["slower", "faster", "unchanged", "unknown", "single"],
)
def test_headline(found: Comparison, launches: tuple[int, int], failed: tuple[int, int], said: str) -> None:
    assert headline(found, launches, failed) == said


def test_where_everything_moved_only_flagged_phases_are_named() -> None:
    factor = LaunchFactor(1.25, 1.2, 1.3, 0.0001, Verdict.REGRESSED)
    phases = [part("big", 8 * S), part("own", 2 * S, Verdict.REGRESSED)]
    found = Comparison(total(Verdict.REGRESSED, 40 * S, 50 * S), phases, NOTHING, factor)
    said = headline(found, (8, 8))
    assert ": own +2.0 s. Everything was 25 % slower together (95 % range +20 % to +30 %)" in said
    assert factor_sentence(replace(factor, verdict=Verdict.NOT_ENOUGH_DATA)).startswith("Whether all phases")


def test_the_rule_names_the_thresholds() -> None:
    said = rule(Least(Floors(), [Threshold("weights*", ratio=0.1, ns=S), Threshold("log", ignore=True)]))
    assert "more than 2 % and 10 ms" in said
    assert said.endswith("Thresholds of the service: weights*: 10 % and 1000 ms; log: never flagged.")
