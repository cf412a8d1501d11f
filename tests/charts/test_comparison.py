from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import plotly.graph_objects as go
import pytest
from plotly.graph_objects import Figure

from diagnostics.charts.comparison import aligned
from diagnostics.charts.contributions import SHOWN, contributions
from diagnostics.charts.level_of_detail import Bar, bars
from diagnostics.charts.serialise import to_json
from diagnostics.records import NS_PER_SECOND as S
from diagnostics.records import Comparison, Delta, Interval, Verdict
from tests.charts.launches import ORIGIN, WINDOW, phase

LATER = 1000 * S


def sent(figure: Figure) -> dict[str, Any]:
    go.Figure(figure.to_dict())
    found: dict[str, Any] = orjson.loads(to_json(figure))
    return found


def side(lengths: dict[str, float], shift: int = 0) -> list[Bar]:
    """One phase after another, on a launch that started ``shift`` ns after the other."""
    start, phases = 0.0, []
    for position, (name, length) in enumerate(lengths.items()):
        phases.append(phase(position, start + shift / S, length, name=name))
        start += length
    return bars(phases, [], [], Interval(WINDOW.start + shift, WINDOW.end + shift), 800)


def rows_of(figure: dict[str, Any], role: str) -> list[str]:
    found: list[str] = next(trace["text"] for trace in figure["data"] if trace["meta"]["role"] == role)
    return found


def test_each_phase_is_one_row_from_its_launchs_own_start() -> None:
    before, after = side({"a": 10, "b": 20}, -LATER), side({"a": 15, "b": 20})
    figure = sent(aligned(before, after, origins=(ORIGIN - LATER, ORIGIN)))
    by_side = {trace["meta"]["side"]: trace for trace in figure["data"] if trace["meta"]["role"] == "bars"}
    assert (by_side["baseline"]["base"], by_side["candidate"]["base"]) == ([0, 10], [0, 15])
    assert by_side["baseline"]["y"] == by_side["candidate"]["y"] == [0, 1]
    assert rows_of(figure, "durations") == ["15.0 s ▲ +5.0 s", "20.0 s ="]


def test_phases_of_one_side_are_marked_and_stand_where_they_ran() -> None:
    figure = sent(aligned(side({"a": 1, "old": 2, "c": 3}), side({"a": 1, "new": 4, "c": 3}), origins=(ORIGIN, ORIGIN)))
    assert rows_of(figure, "labels") == ["a", "old (gone)", "new (new)", "c"]
    assert rows_of(figure, "durations")[1:3] == ["− gone, was 2.0 s", "+ new, 4.0 s"]
    assert figure["layout"]["meta"]["summary"].endswith("4 rows: 1 appeared, 1 vanished.")


def test_names_are_escaped_in_a_comparison() -> None:
    figure = sent(aligned(side({"<b>a": 1}), side({"<b>a": 2}), origins=(ORIGIN, ORIGIN)))
    assert rows_of(figure, "labels") == ["&lt;b&gt;a"]


def test_two_empty_launches_are_a_figure_too() -> None:
    assert sent(aligned([], [], origins=(ORIGIN, ORIGIN)))["layout"]["meta"]["rows"] == 0


def delta(path: str | None, contribution: int, baseline: int = 0, candidate: int = 0) -> Delta:
    verdict = Verdict.NOT_ENOUGH_DATA
    return Delta(path, baseline, candidate, contribution, None, None, None, None, verdict, contribution, None)


def comparison(changes: dict[str, int], unaccounted: int = 0, baseline: int = 100 * S) -> Comparison:
    total = sum(changes.values()) + unaccounted
    phases = [delta(path, change) for path, change in changes.items()]
    return Comparison(delta(None, total, baseline, baseline + total), phases, delta(None, unaccounted))


def steps_of(figure: dict[str, Any]) -> list[tuple[float, float]]:
    """(low, high) of every bar in row order, seconds."""
    found: dict[int, tuple[float, float]] = {}
    for trace in figure["data"]:
        if trace["meta"]["role"] == "bars":
            found |= {y: (base, base + x) for y, base, x in zip(trace["y"], trace["base"], trace["x"], strict=True)}
    return [found[row] for row in sorted(found)]


def changes_of(figure: dict[str, Any]) -> list[int]:
    """The exact changes in row order, ns: both totals count from zero."""
    found: dict[int, int] = {}
    for trace in figure["data"]:
        if trace["meta"]["role"] == "bars":
            found |= {y: int(values[2]) for y, values in zip(trace["y"], trace["customdata"], strict=True)}
    return [found[row] for row in sorted(found)]


def test_contributions_lead_from_total_to_total() -> None:
    figure = sent(contributions(comparison({"load": 30 * S, "a/warm~1up": -5 * S}, unaccounted=2 * S)))
    assert steps_of(figure) == [(0, 100), (100, 130), (125, 130), (125, 127), (0, 127)]
    assert rows_of(figure, "labels") == ["baseline", "load", "warm/up", "unaccounted", "candidate"]
    assert rows_of(figure, "durations") == ["1 m 40.0 s", "▲ +30.0 s", "▼ −5.0 s", "▲ +2.0 s", "2 m 7.0 s"]


@pytest.mark.parametrize("count", [0, SHOWN, SHOWN + 1, 600])
def test_what_is_not_named_is_summed_so_that_the_bars_still_meet(count: int) -> None:
    figure = sent(contributions(comparison({f"p{n}": (n % 7 + 1) * S for n in range(count)})))
    changes = changes_of(figure)
    assert len(changes) <= SHOWN + 3
    assert sum(changes[:-1]) == changes[-1]


def test_a_small_change_of_a_long_launch_is_visible_and_the_axis_says_so() -> None:
    figure = sent(contributions(comparison({"load": S}, baseline=1000 * S)))
    first, last = figure["layout"]["xaxis"]["range"]
    assert 1 / (last - first) > 0.1
    assert figure["layout"]["annotations"][0]["text"].endswith("not at 0.")


def test_how_sure_a_part_is_is_drawn_below_its_bar() -> None:
    told = comparison({"load": 30 * S, "other": 2 * S})
    sure = replace(told.phases[0], contribution_low=20 * S, contribution_high=1000 * S)
    figure = sent(contributions(replace(told, phases=[sure, told.phases[1]])))
    [trace] = [trace for trace in figure["data"] if trace["meta"]["role"] == "intervals"]
    end = figure["layout"]["xaxis"]["range"][1]
    assert trace["x"][0] == 120
    assert 130 < trace["x"][1] <= end
    assert trace["y"][:2] == [1.4, 1.4]
    bars = [text for trace in figure["data"] for text in trace.get("hovertext") or []]
    assert sum("between +20.0 s and +16 m 40.0 s at 95 %" in text for text in bars) == 1
    assert "intervals" not in {trace["meta"]["role"] for trace in sent(contributions(told))["data"]}
