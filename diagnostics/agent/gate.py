"""Did candidate launches get slower than baseline launches? On snapshot files, without a server; and what follows.

The answer has the shape of the server's ``GET /api/v1/compare``, so that one reader serves both. The server's own
statistics are better (runs, history, launch-wide factor); these are the simplest that do not lie: ratio of medians,
exact rank-sum test, false discovery rate over the phases, the total tested by itself (of three launches by Student's t,
since ranks of three can tell nothing), the same floors. Launches that did not become ready are left out and counted.
"""

from __future__ import annotations

from statistics import median
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from diagnostics.agent import rank_test, t_test
from diagnostics.agent.init_trace import Run
from diagnostics.agent.messages import tr

REGRESSED, IMPROVED, UNCHANGED, UNKNOWN = "regressed", "improved", "unchanged", "not enough data"
# The server's FLOOR_RATIO and FLOOR_NS: significant is not the same as worth a look.
FLOOR_RATIO, FLOOR_NS = 0.02, 10_000_000
UNACCOUNTED = "unaccounted"
Document = Dict[str, Any]


class _Row(NamedTuple):
    """A phase (None: the total) in the launches that have it, ns."""

    phase: Optional[str]
    before: Sequence[int]
    after: Sequence[int]

    @property
    def tested(self) -> "tuple[Sequence[int], Sequence[int]]":
        """A phase that one side never had took no time there; a side without launches has no total."""
        if self.phase in (None, UNACCOUNTED):
            return self.before, self.after
        return self.before or [0] * len(self.after), self.after or [0] * len(self.before)


def compare(baseline: Sequence[Run], candidate: Sequence[Run]) -> Document:
    """The comparison of two groups of launches, in the contract's shape, with ``failed`` launches counted a side."""
    sides = [[run for run in side if not run.failed] for side in (baseline, candidate)]
    total = _total(_Row(None, *([run.total for run in side] for side in sides)))
    rest = _delta(_Row(UNACCOUNTED, *([run.unaccounted for run in side] for side in sides)), 1)
    return {
        "baseline": _side(baseline, sides[0]),
        "candidate": _side(candidate, sides[1]),
        "total": total,
        "phases": _phases(*sides),
        "unaccounted": rest,
    }


def _side(every: Sequence[Run], good: Sequence[Run]) -> Document:
    middle = round(median(run.total for run in good)) if good else None
    return {"launches": [run.id for run in good], "runs": len(good), "total_ns": middle,
            "failed": len(every) - len(good)}  # fmt: skip


def _phases(before: Sequence[Run], after: Sequence[Run]) -> List[Document]:
    """Largest change first. Phases too short to pass the floor anywhere are no part of the family that is tested."""
    if not before or not after:
        return []
    paths = dict.fromkeys(path for run in (*before, *after) for path in run.phases)
    rows = [_Row(path, *([r.phases[path][1] for r in side if path in r.phases] for side in (before, after)))
            for path in paths]  # fmt: skip
    long = [row for row in rows if max((*row.before, *row.after)) > FLOOR_NS]
    short = [row for row in rows if max((*row.before, *row.after)) <= FLOOR_NS]
    deltas = [_delta(row, len(long)) for row in long]
    q_values = rank_test.adjusted([delta["q"] for delta in deltas])
    for delta, q_value in zip(deltas, q_values):
        delta["q"] = q_value
        delta["verdict"] = _verdict(delta)
    deltas += [{**_delta(row, 1), "verdict": UNCHANGED} for row in short]
    return sorted(deltas, key=lambda delta: -abs(delta["delta_ns"]))


def _total(row: _Row) -> Document:
    """By the rank test; by Student's t where the launches are too few for that."""
    delta = _delta(row, 1)
    told = None if delta["could_tell"] else t_test.t_test(*row.tested)
    if told is None:
        return delta
    ratio = delta["ratio"]
    delta.update(q=told.p, low=min(told.low, ratio), high=max(told.high, ratio), could_tell=told.could_tell)
    return {**delta, "verdict": _verdict(delta)}


def _delta(row: _Row, family: int) -> Document:
    """``family``: how many are tested together, which decides whether any change could have been seen."""
    before, after = row.tested
    middles = [round(median(side)) if side else 0 for side in (before, after)]
    told = rank_test.interval(before, after)
    delta: Document = {
        "phase": row.phase,
        "baseline_ns": middles[0] if row.before else None,
        "candidate_ns": middles[1] if row.after else None,
        "delta_ns": middles[1] - middles[0],
        "ratio": rank_test.ratio(before, after),
        "low": told[0] if told else None,
        "high": told[1] if told else None,
        "q": rank_test.p_value(before, after),
        "could_tell": rank_test.least_p(len(before), len(after)) * family < rank_test.LEVEL,
    }
    return {**delta, "verdict": _verdict(delta)}


def _verdict(delta: Mapping[str, Any]) -> str:
    change = delta["delta_ns"]
    worth = abs(change) > FLOOR_NS and abs(change) > FLOOR_RATIO * (delta["baseline_ns"] or 0)
    if delta["q"] < rank_test.LEVEL and worth:
        return REGRESSED if change > 0 else IMPROVED
    return UNCHANGED if delta["could_tell"] else UNKNOWN


def verdict(document: Mapping[str, Any], only_total: bool = False) -> str:
    """Of the whole: regressed if the total is, or (unless ``only_total``) any phase; unknown if the total is."""
    verdicts = [document["total"]["verdict"]]
    if not only_total:
        verdicts += [delta["verdict"] for delta in document["phases"]]
    if REGRESSED in verdicts:
        return REGRESSED
    return str(verdicts[0])


def launches(document: Mapping[str, Any], side: str) -> int:
    """How many launches a side has; of a server, that is not its runs (deploys, days)."""
    return len(document[side]["launches"])


def sentence(document: Mapping[str, Any], told: str) -> str:
    """The verdict in words."""
    slower = [delta["phase"] for delta in document["phases"] if delta["verdict"] == REGRESSED]
    if told == REGRESSED and not slower:
        return tr("Slower: the total")
    if told == REGRESSED and document["total"]["verdict"] == REGRESSED:
        return tr("Slower: the total, and {phases}", phases=_phases_told(len(slower)))
    if told == REGRESSED:
        return tr("Slower: {phases}; the total is not surely so", phases=_phases_told(len(slower)))
    if told == UNKNOWN:
        return tr("Cannot tell: {before} and {after} launches are too few, or vary too much (3 a side at least)",
                  before=launches(document, "baseline"), after=launches(document, "candidate"))  # fmt: skip
    return tr("Faster: the total") if told == IMPROVED else tr("Not slower")


def _phases_told(count: int) -> str:
    return tr("1 phase") if count == 1 else tr("{count} phases", count=count)
