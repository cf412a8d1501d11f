"""Whether a series of durations rises or falls: Mann–Kendall's test with Theil–Sen's slope.

Tested: that the order of the values has nothing to do with their order in time. At least five values; below that the
answer is NOT_ENOUGH. An arrow needs p < 0.05 (two-sided, normal approximation with continuity correction, ties
corrected) and a change over the whole series of more than 2 % and 10 ms, the same floors as the server's.
"""

from __future__ import annotations

import math
from collections import Counter
from statistics import median
from typing import Sequence

RISING, FALLING, STEADY, NOT_ENOUGH = "↑", "↓", "→", "·"
LEAST = 5
_SIGNIFICANCE = 0.05
# Significant is not the same as worth a look: the server's FLOOR_RATIO and FLOOR_NS.
_FLOOR_RATIO, _FLOOR_NS = 0.02, 10_000_000


def arrow(values: Sequence[int]) -> str:
    """``values`` in ns, oldest first → one of RISING, FALLING, STEADY, NOT_ENOUGH."""
    if len(values) < LEAST:
        return NOT_ENOUGH
    change = slope(values) * (len(values) - 1)
    matters = abs(change) > max(_FLOOR_NS, _FLOOR_RATIO * median(values))
    if not matters or p_value(values) >= _SIGNIFICANCE:
        return STEADY
    return RISING if change > 0 else FALLING


def slope(values: Sequence[int]) -> float:
    """Theil–Sen: the median of all pairwise slopes, ns per launch."""
    count = len(values)
    return median((values[j] - values[i]) / (j - i) for i in range(count) for j in range(i + 1, count))


def p_value(values: Sequence[int]) -> float:
    """Mann–Kendall, two-sided."""
    count = len(values)
    score = sum((values[j] > values[i]) - (values[j] < values[i]) for i in range(count) for j in range(i + 1, count))
    ties = sum(n * (n - 1) * (2 * n + 5) for n in Counter(values).values())
    variance = (count * (count - 1) * (2 * count + 5) - ties) / 18
    if variance == 0 or score == 0:
        return 1.0
    z = (abs(score) - 1) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))
