"""Student's t on the logarithms of durations, for groups of three, of which the exact rank test can tell nothing.

It is asked of the total alone: tests of many phases at once need more launches. One degree of freedom is taken off,
since launch times are skewed and t is optimistic at three a side. The chance of |t| is the finite series for whole
degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4).
"""

from __future__ import annotations

import math
from typing import NamedTuple, Optional, Sequence

LEVEL, LEAST = 0.05, 3
_LEAST_SPREAD = 1e-6


class Told(NamedTuple):
    """``low`` and ``high`` bound the ratio after / before at 95 %."""

    p: float
    low: float
    high: float

    @property
    def could_tell(self) -> bool:
        """Would a doubling have been seen?"""
        return self.high < 4 * self.low


def t_test(before: Sequence[int], after: Sequence[int]) -> Optional[Told]:
    """None with fewer than three launches on a side, or a duration of 0."""
    if min(len(before), len(after)) < LEAST or min(*before, *after) <= 0:
        return None
    old, new = ([math.log(value) for value in side] for side in (before, after))
    freedom = len(old) + len(new) - 3
    squares = sum((value - _mean(side)) ** 2 for side in (old, new) for value in side)
    spread = max(math.sqrt(squares / (len(old) + len(new) - 2)), _LEAST_SPREAD)
    error = spread * math.sqrt(1 / len(old) + 1 / len(new))
    change, reach = _mean(new) - _mean(old), _quantile(freedom) * error
    return Told(chance(abs(change) / error, freedom), math.exp(change - reach), math.exp(change + reach))


def chance(t: float, freedom: int) -> float:
    """That Student's t with so many (whole) degrees of freedom is at least this far from 0, either way."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine = math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for step in range(3 if odd else 2, freedom + 1, 2):
        total += term
        term *= (step - 1) / step * cosine**2
    within = math.sin(angle) * total
    return max(0.0, 1 - ((angle + within) * 2 / math.pi if odd else within))


def _quantile(freedom: int) -> float:
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle, freedom) > LEVEL else (low, middle)
    return high


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
