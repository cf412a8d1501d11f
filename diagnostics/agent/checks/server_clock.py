"""The difference between this host's clock and the server's, from the ``Date`` of its answers.

``Date`` has whole seconds, so one answer only says: at some moment between asking and hearing, the server's clock stood
in that second. Each further question is asked when the server's second is expected to turn, which halves what is left,
down to about the round trip.
"""

from __future__ import annotations

import email.utils
import time
from typing import Callable, NamedTuple, Optional, Tuple

from diagnostics.agent.checks.check import GOOD, UNKNOWN, WARNING, Check
from diagnostics.agent.messages import tr
from diagnostics.agent.probing import parse, probe
from diagnostics.agent.units import duration

SECOND = 10**9
TOLERATED = 100_000_000  # ns; what a clock kept by NTP never reaches
# A second halved ten times is one millisecond; two more for answers that come late.
_QUESTIONS = 12
_FINE_ENOUGH = 2_000_000

Answer = Tuple[int, int, int]  # asked and heard by our clock (ns), the server's whole second (ns)


class Offset(NamedTuple):
    """Server − this host, ns: somewhere in ``low``..``high``."""

    low: int
    high: int

    @property
    def middle(self) -> int:
        return (self.low + self.high) // 2

    def narrowed(self, answer: Answer) -> "Offset":
        """With one more answer. If that contradicts the others, a clock was set meanwhile: begin anew from it."""
        asked, heard, second = answer
        low, high = max(self.low, second - heard), min(self.high, second + SECOND - asked)
        return Offset(low, high) if low <= high else Offset(second - heard, second + SECOND - asked)


UNBOUNDED = Offset(-(1 << 62), 1 << 62)


def measure(ask: Callable[[], Optional[Answer]], wait: Callable[[int], None]) -> Optional[Offset]:
    """Ask until the offset is known to a few milliseconds. ``wait`` gets a time (ns, this host's clock) to wait for."""
    offset, cost = UNBOUNDED, 0
    for number in range(_QUESTIONS):
        if number:
            wait(_next_turn(offset, time.time_ns()) - cost // 2)
        answer = ask()
        if answer is None:
            return None if number == 0 else offset
        cost = answer[1] - answer[0]
        offset = offset.narrowed(answer)
        if offset.high - offset.low < _FINE_ENOUGH:
            break
    return offset


def _next_turn(offset: Offset, now: int) -> int:
    """When, by this host's clock, the server's second turns next if the offset is the middle of what is possible."""
    return now + (SECOND - (now + offset.middle) % SECOND)


def check(server: str, timeout: float) -> Check:
    """Takes up to a dozen seconds of waiting, most of them idle."""
    target = parse(server.rstrip("/") + "/healthz")._replace(expect_status=0)

    def ask() -> Optional[Answer]:
        outcome = probe(target, timeout)
        date = email.utils.parsedate_to_datetime(str(outcome.facts["date"])) if "date" in outcome.facts else None
        if date is None:
            return None
        heard = outcome.time + outcome.duration
        return heard - outcome.stages["handshake"], heard, int(date.timestamp()) * SECOND

    def wait(until: int) -> None:
        time.sleep(max(0.0, min(1.0, (until - time.time_ns()) / SECOND)))

    offset = measure(ask, wait)
    if offset is None:
        message = tr("{server} does not tell the time: it does not answer, or without a Date", server=server)
        return Check("clock-offset", "config", UNKNOWN, message)
    return judge(server, offset)


def judge(server: str, offset: Offset) -> Check:
    """Bad only if it is bad at every point of what is possible."""
    least = 0 if offset.low <= 0 <= offset.high else min(abs(offset.low), abs(offset.high))
    state = WARNING if least > TOLERATED else GOOD
    half = (offset.high - offset.low) // 2
    message = tr(
        "the server's clock is {offset} ahead of this host's (± {half})",
        offset=duration(offset.middle),
        half=duration(half),
    )
    advice = (
        tr("Set both clocks by NTP: times of different hosts cannot be compared otherwise.") if state != GOOD else ""
    )
    actual = round(offset.middle / 1e6, 3)
    return Check(
        "clock-offset", "config", state, message, TOLERATED // 10**6, actual, "ms", [f"{server}/healthz"], advice
    )
