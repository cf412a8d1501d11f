"""From evidence to a verdict: a flag needs significance and an effect beyond the floors, silence needs power."""

from __future__ import annotations

import math
from dataclasses import dataclass

from diagnostics.analysis.two_groups import LEVEL, Evidence
from diagnostics.records import Floors, LaunchFactor, Verdict

# “Unchanged” is said only where a doubling would have been seen.
BLIND = math.log(2)
_WIDEST = 40.0  # e to this is more than any ratio of times, and still a number


@dataclass(frozen=True, slots=True)
class Finding:
    """The evidence on one row as ratios (candidate / baseline), net of what all phases share; ``common`` is that."""

    ratio: float
    low: float
    high: float
    q: float
    step: float
    common: float = 1.0

    @property
    def change(self) -> float:
        """The ratio as it was measured, the common change included."""
        return self.ratio * self.common


def finding(evidence: Evidence, row: int) -> Finding | None:
    """``None`` where the launches allow no test."""
    change, reach, q = (float(values[row]) for values in (evidence.change, evidence.reach, evidence.q))
    if not (math.isfinite(change) and math.isfinite(reach) and math.isfinite(q)):
        return None
    return Finding(
        ratio=_ratio(change),
        low=_ratio(change - reach),
        high=_ratio(change + reach),
        q=q,
        step=_ratio(float(evidence.step[row])) - 1,
        common=_ratio(evidence.common.change) if evidence.common else 1.0,
    )


def verdict(found: Finding | None, change: float, before: float, floors: Floors | None) -> Verdict:
    """``change`` and ``before`` are what was measured, in ns. Both it and what is left of it without the common change
    must be beyond the floors, on the same side: who only kept still while all others moved is not flagged. Nor is
    what has no floors, being ignored."""
    if found is None:
        return Verdict.NOT_ENOUGH_DATA
    own = found.ratio - 1
    if floors is None:
        return Verdict.UNCHANGED
    if found.q < LEVEL and beyond(change, before, floors) and abs(own) > floors.ratio and own * change > 0:
        return Verdict.REGRESSED if change > 0 else Verdict.IMPROVED
    return Verdict.UNCHANGED if found.q < LEVEL or found.step < math.exp(BLIND) - 1 else Verdict.NOT_ENOUGH_DATA


def beyond(change: float, expected: float, floors: Floors) -> bool:
    """Is a change in ns from ``expected`` worth a flag: larger than both floors?"""
    return abs(change) > floors.duration and abs(change) > floors.ratio * expected


def launch_factor(evidence: Evidence, floors: Floors) -> LaunchFactor | None:
    """What all phases changed by together, judged by itself."""
    common = evidence.common
    if common is None or not (math.isfinite(common.p) and math.isfinite(common.reach)):
        return None
    ratio = _ratio(common.change)
    told = common.p < LEVEL and abs(ratio - 1) > floors.ratio
    moved = Verdict.REGRESSED if ratio > 1 else Verdict.IMPROVED
    return LaunchFactor(
        ratio=ratio,
        low=_ratio(common.change - common.reach),
        high=_ratio(common.change + common.reach),
        p=common.p,
        verdict=moved if told else Verdict.UNCHANGED if common.reach < BLIND else Verdict.NOT_ENOUGH_DATA,
    )


def _ratio(change: float) -> float:
    return math.exp(min(max(change, -_WIDEST), _WIDEST))
