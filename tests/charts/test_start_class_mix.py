from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plotly.graph_objects import Figure

from diagnostics.charts.start_class_mix import MOST_STEPS, Started, start_class_mix

DAY = 86_400_000_000_000


def started(*classes: str) -> list[Started]:
    return [Started(1_795_000_000_000_000_000 + n * DAY, told) for n, told in enumerate(classes)]


def shares(drawn: Figure) -> dict[str, list[float]]:
    return {trace.name: list(trace.y)[:-1] for trace in drawn.data}


def test_shares_of_groups_of_launches() -> None:
    drawn = start_class_mix(started(*["cold"] * 10, *["cold"] * 5, *["hot"] * 5))

    assert shares(drawn) == {"cold": [100.0, 50.0], "hot": [0.0, 50.0]}
    assert drawn.layout.meta["summary"] == "Of 20 launches 15 cold, 5 hot."
    assert Figure(drawn.to_dict()), "plotly itself finds nothing wrong with it"


def test_what_is_unknown_is_drawn_as_unknown() -> None:
    assert shares(start_class_mix(started("", "warm"))) == {"warm": [50.0], "unknown": [50.0]}


def test_without_launches() -> None:
    drawn = start_class_mix([])
    assert not drawn.data
    assert drawn.layout.meta["summary"] == "No launches yet."


@pytest.mark.parametrize("launches", [1, 9, 10, 11, 499, 5000])
def test_a_bounded_number_of_steps_holds_every_launch(launches: int) -> None:
    (trace,) = start_class_mix(started(*["hot"] * launches)).data
    assert len(trace.y) <= MOST_STEPS + 2
    assert sum(count for count, _ in trace.customdata) == launches


@given(st.lists(st.sampled_from(["cold", "warm", "hot", ""]), min_size=1, max_size=120))
def test_shares_sum_to_all(classes: list[str]) -> None:
    groups = zip(*shares(start_class_mix(started(*classes))).values(), strict=True)
    assert all(sum(group) == pytest.approx(100) for group in groups)
