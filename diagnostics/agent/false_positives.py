"""Which probe timeout to choose: how often each gave up on a dependency that was up in the same moment.

Every round sends one probe per timeout at once. The one with the longest timeout is the reference: where it succeeds,
the dependency was up, so a failure of a shorter one is a **false positive**. The rate is false positives / rounds in
which the reference succeeded; ``high`` is the upper end of its 95 % Wilson interval, which says how sure that is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from diagnostics.agent.messages import tr
from diagnostics.agent.probing.outcome import Outcome
from diagnostics.agent.units import duration, percent

# Without a single failure in ten rounds the rate may still be 28 %; with fewer it says next to nothing.
LEAST_ROUNDS = 10
# A monitor that waits for three failures in a row then cries wolf once in a million rounds.
TOLERATED = 0.01
# The slowest answer of a sample is not the slowest there will ever be.
HEADROOM = 2.0
_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True)
class Row:
    """One timeout (s) over all rounds; rates are None where no round can tell."""

    timeout: float
    probes: int
    successes: int
    judged: int
    false_positives: int

    @property
    def success_share(self) -> Optional[float]:
        return self.successes / self.probes if self.probes else None

    @property
    def rate(self) -> Optional[float]:
        return self.false_positives / self.judged if self.judged else None

    @property
    def high(self) -> Optional[float]:
        return wilson_high(self.false_positives, self.judged) if self.judged else None

    def document(self) -> Dict[str, Any]:
        return {
            "timeout_s": self.timeout,
            "probes": self.probes,
            "successes": self.successes,
            "success_share": self.success_share,
            "judged": self.judged,
            "false_positives": self.false_positives,
            "false_positive_rate": self.rate,
            "false_positive_high": self.high,
        }


@dataclass(frozen=True)
class Recommendation:
    """``timeout`` in seconds, or None where nothing can be recommended; ``because`` is a sentence."""

    timeout: Optional[float]
    because: str
    enough_data: bool

    def document(self) -> Dict[str, Any]:
        return {"timeout_s": self.timeout, "because": self.because, "enough_data": self.enough_data}


def wilson_high(hits: int, trials: int) -> float:
    """Upper end of the 95 % Wilson interval of hits / trials."""
    share, square = hits / trials, _Z * _Z
    middle = share + square / (2 * trials)
    spread = _Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    return min(1.0, (middle + spread) / (1 + square / trials))


def rows(rounds: Sequence[Mapping[float, Outcome]]) -> List[Row]:
    """``rounds`` map each timeout to its probe of that moment → one row per timeout, ascending."""
    timeouts = sorted({timeout for probes in rounds for timeout in probes})
    return [_row(timeout, timeouts[-1], rounds) for timeout in timeouts]


def _row(timeout: float, reference: float, rounds: Sequence[Mapping[float, Outcome]]) -> Row:
    asked = [probes for probes in rounds if timeout in probes]
    # The reference cannot be wrong about itself: it is never judged.
    judged = [probes[timeout].ok for probes in asked if timeout != reference and probes[reference].ok]
    successes = sum(probes[timeout].ok for probes in asked)
    return Row(timeout, len(asked), successes, len(judged), judged.count(False))


def recommend(rounds: Sequence[Mapping[float, Outcome]]) -> Recommendation:
    """The shortest timeout that gave up on at most 1 % and leaves twice the slowest success as headroom."""
    table = rows(rounds)
    if not table:
        return Recommendation(None, tr("no probe was made"), False)
    reference = table[-1]
    if not reference.successes:
        message = tr("not one probe of {timeout:g} s succeeded: mend the dependency first", timeout=reference.timeout)
        return Recommendation(None, message, False)
    slowest = max(probe.duration for probes in rounds for probe in probes.values() if probe.ok)
    enough = reference.successes >= LEAST_ROUNDS
    fitting = next((row for row in table if _fits(row, slowest)), None)
    chosen = fitting or reference
    because = _because(chosen, slowest, fits=fitting is not None)
    if not enough:
        because += tr("; {rounds} rounds with an answer are few, {least} would say more",
                      rounds=reference.successes, least=LEAST_ROUNDS)  # fmt: skip
    return Recommendation(chosen.timeout, because, enough)


def _fits(row: Row, slowest: int) -> bool:
    return (row.rate or 0.0) <= TOLERATED and slowest * HEADROOM <= row.timeout * 1e9


def _because(row: Row, slowest: int, fits: bool) -> str:
    answer = duration(slowest)
    if not fits:
        return tr("the slowest answer took {answer}, and no timeout here is twice that: try longer ones", answer=answer)
    if row.rate is None:
        return tr(
            "the slowest answer took {answer}; every shorter timeout gave up too often or is too close", answer=answer
        )
    return tr("false positives {rate}, and the slowest answer took {answer}, less than half of it",
              rate=percent(row.rate), answer=answer)  # fmt: skip
