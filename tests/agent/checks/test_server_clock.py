"""The offset is found by asking; here the server's clock is known, so the answer can be judged."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent.checks import GOOD, UNKNOWN, WARNING, server_clock
from diagnostics.agent.checks.server_clock import SECOND, UNBOUNDED, Answer, Offset, judge, measure
from tests.agent.launches import url_of
from tests.agent.probing.listening import free_port
from tests.durability.instance import Instance

MS = 10**6


class Simulated:
    """A clock that only moves when somebody waits or asks, and a server whose clock is ``offset`` ahead of it."""

    def __init__(self, offset: int, trip: int) -> None:
        self.now, self.offset, self.trip = 1_764_000_000 * SECOND + 123_456_789, offset, trip
        self.questions = 0

    def ask(self) -> Answer:
        asked = self.now
        self.questions += 1
        seen = self.now + self.trip // 2 + self.offset
        self.now += self.trip
        return asked, self.now, seen // SECOND * SECOND

    def wait(self, until: int) -> None:
        self.now = max(self.now, until)


@given(offset=st.integers(-3600 * SECOND, 3600 * SECOND), trip=st.integers(1, 50 * MS))
def test_the_truth_is_within_what_is_told_and_that_is_narrow(offset: int, trip: int) -> None:
    clock = Simulated(offset, trip)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: clock.now)
        found = measure(clock.ask, clock.wait)
    assert found is not None
    assert found.low <= offset <= found.high
    assert found.high - found.low <= max(3 * trip, 4 * MS)
    assert clock.questions <= 12


def test_one_answer_says_no_more_than_a_second_and_the_trip() -> None:
    found = UNBOUNDED.narrowed((100, 300, 5 * SECOND))
    assert (found.low, found.high) == (5 * SECOND - 300, 6 * SECOND - 100)


def test_a_clock_that_was_set_meanwhile_begins_anew() -> None:
    before = Offset(0, 10)
    assert before.narrowed((0, 0, 100 * SECOND)) == Offset(100 * SECOND, 101 * SECOND)


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [(-5, 5, GOOD), (50, 150, GOOD), (101, 150, WARNING), (-9000, -8000, WARNING), (-5000, 5000, GOOD)],
)
def test_only_what_is_certainly_off_is_a_warning(low: int, high: int, state: str) -> None:
    assert judge("http://server", Offset(low * MS, high * MS)).state == state


def test_a_real_server_on_this_host_has_this_host_s_clock(served: Instance) -> None:
    check = server_clock.check(url_of(served), 20.0)
    assert (check.state, check.unit) == (GOOD, "ms")


def test_no_server() -> None:
    assert server_clock.check(f"http://127.0.0.1:{free_port()}", 1.0).state == UNKNOWN
