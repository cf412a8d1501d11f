"""Are the durations of one group longer than those of another? The exact rank-sum test (Wilcoxon, Mann–Whitney).

Tested: that both groups come from one distribution. Every split of the pooled ranks is counted (ties share the mean of
their ranks), so nothing is assumed of the shape; from 26 launches a side on the normal approximation with ties
corrected takes over. With 3 against 3 the least p there is is 0.1: it cannot tell anything at 5 %, 4 against 4 can.
The interval is the test turned round: the ratios of all pairs, as far inward as 95 % allows.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import median
from typing import Dict, List, Optional, Sequence, Tuple

LEVEL = 0.05
EXACT = 25  # launches on the larger side


def p_value(before: Sequence[int], after: Sequence[int]) -> float:
    """Two-sided; 1.0 when a side is empty."""
    if not before or not after:
        return 1.0
    ranks = doubled_ranks([*before, *after])
    own = sum(ranks[len(before) :])
    middle = sum(ranks) * len(after) / len(ranks)
    if max(len(before), len(after)) > EXACT:
        return _approximate(ranks, len(after), own, middle)
    sums = _sums(tuple(sorted(ranks)), len(after))
    reach = abs(own - middle) - 1e-9
    extreme = sum(ways for total, ways in sums.items() if abs(total - middle) >= reach)
    return extreme / sum(sums.values())


def doubled_ranks(values: Sequence[int]) -> List[int]:
    """Twice the rank of each value, so that shared ranks stay whole numbers."""
    first: Dict[int, int] = {}
    count: Dict[int, int] = {}
    for place, value in enumerate(sorted(values), start=1):
        first.setdefault(value, place)
        count[value] = count.get(value, 0) + 1
    return [2 * first[value] + count[value] - 1 for value in values]


# Without ties, all phases of the same two groups have the same ranks: counted once.
@lru_cache(maxsize=256)
def _sums(ranks: Tuple[int, ...], chosen: int) -> Dict[int, int]:
    """How many ways there are to choose so many of the ranks, by their sum."""
    ways: List[Dict[int, int]] = [{0: 1}, *({} for _ in range(chosen))]
    for rank in ranks:
        for size in range(chosen, 0, -1):
            into = ways[size]
            for total, number in ways[size - 1].items():
                into[total + rank] = into.get(total + rank, 0) + number
    return ways[chosen]


def _approximate(ranks: Sequence[int], chosen: int, own: int, middle: float) -> float:
    whole = len(ranks)
    spread = sum((rank - sum(ranks) / whole) ** 2 for rank in ranks) / (whole - 1)
    variance = spread * chosen * (whole - chosen) / whole
    if variance == 0:
        return 1.0
    # Half a rank, doubled, for counting in steps.
    return math.erfc(max(0.0, abs(own - middle) - 1) / math.sqrt(2 * variance))


def least_p(before: int, after: int) -> float:
    """The smallest p that groups of these sizes can have: all of one below all of the other."""
    return min(1.0, 2 / math.comb(before + after, after)) if before and after else 1.0


def adjusted(p_values: Sequence[float]) -> List[float]:
    """Benjamini and Hochberg's q for each p: the false discovery rate if this one is the last that is believed."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    q_values, least = [1.0] * len(p_values), 1.0
    for above, place in enumerate(order):
        least = min(least, p_values[place] * len(p_values) / (len(p_values) - above))
        q_values[place] = least
    return q_values


def interval(before: Sequence[int], after: Sequence[int]) -> Optional[Tuple[float, float]]:
    """The ratio after / before at 95 %, by Hodges and Lehmann; None with too few launches, or a duration of 0."""
    if not before or not after or min(*before, *after) <= 0:
        return None
    inward = _inward(len(before), len(after))
    if inward < 1:
        return None
    ratios = sorted(new / old for old in before for new in after)
    return ratios[inward - 1], ratios[-inward]


@lru_cache(maxsize=256)
def _inward(before: int, after: int) -> int:
    """How many of the sorted pairs lie outside the interval on each side, plus one; 0 if 95 % cannot be had."""
    if max(before, after) > EXACT:
        spread = math.sqrt(before * after * (before + after + 1) / 12)
        return max(0, math.ceil(before * after / 2 - 1.96 * spread - 0.5))
    sums = _sums(tuple(range(1, before + after + 1)), after)
    least, every = after * (after + 1) // 2, math.comb(before + after, after)
    reached = inward = 0
    for total in sorted(sums):
        reached += sums[total]
        if reached / every > LEVEL / 2:
            break
        inward = total - least + 1
    return inward


def ratio(before: Sequence[int], after: Sequence[int]) -> Optional[float]:
    """The ratio of the medians; None when there is nothing to divide by."""
    middle = median(before) if before else 0
    return median(after) / middle if after and middle else None
