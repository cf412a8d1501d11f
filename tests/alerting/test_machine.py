"""When a condition counts, by the looks at it in whatever order they come."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.alerting.machine import Look, Terms, Track, from_json, to_json

BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
ONCE = Terms()


def looks(signs: str, every: int = 10) -> list[Look]:
    """``x`` holds, ``.`` does not; one look in so many seconds."""
    return [Look(BEGIN + timedelta(seconds=every * n), f"{n:04}", sign == "x") for n, sign in enumerate(signs)]


def track(signs: str, terms: Terms = ONCE) -> Track:
    seen = Track()
    for look in looks(signs):
        seen = seen.after(look, terms)
    return seen


@pytest.mark.parametrize(
    ("signs", "times", "seconds", "fires"),
    [
        ("", 1, 0, False),
        (".", 1, 0, False),
        ("x", 1, 0, True),
        ("x.", 1, 0, False),
        ("xx", 3, 0, False),
        ("xxx", 3, 0, True),
        ("x.xx", 3, 0, False),
        ("xxx", 1, 30, False),  # 20 s between the first and the last
        ("xxxx", 1, 30, True),
        ("xx.xxx", 1, 30, False),
        ("x" * 200, 1, 1900, True),  # longer than what is remembered look by look
        ("x" * 200, 1, 2000, False),
    ],
)
def test_it_fires_when_it_held_often_and_long_enough(signs: str, times: int, seconds: int, fires: bool) -> None:
    terms = Terms(times, timedelta(seconds=seconds))
    assert track(signs, terms).fires(terms) is fires


@pytest.mark.parametrize(
    ("signs", "after", "over"), [("x.", 1, True), ("x.", 2, False), ("x.x.", 2, False), ("x..", 2, True)]
)
def test_it_is_over_after_so_many_good_ones(signs: str, after: int, over: bool) -> None:
    assert track(signs).is_over(Terms(over_after=after)) is over


def test_what_is_seen_again_is_replaced() -> None:
    first = looks("xx")
    seen = Track().after(first[0], Terms()).after(first[1], Terms()).after(first[1], Terms())
    assert not seen.fires(Terms(3))
    again = seen.after(Look(first[1].at, first[1].instance, False), Terms())
    assert not again.fires(Terms())


def test_a_late_look_at_something_old_changes_nothing_now() -> None:
    slow, good = looks("x.")
    seen = Track().after(good, Terms()).after(slow, Terms())
    assert not seen.fires(Terms())


@given(st.text("x.", max_size=15), st.integers(0, 99))
def test_the_order_of_arrival_does_not_matter(signs: str, seed: int) -> None:
    shuffled = looks(signs)
    random.Random(seed).shuffle(shuffled)
    seen = Track()
    for look in shuffled:
        seen = seen.after(look, Terms())
    assert seen == track(signs)


@given(st.text("x.", max_size=30))
def test_it_is_the_same_when_it_comes_back_from_the_database(signs: str) -> None:
    assert from_json(*to_json(track(signs))) == track(signs)
