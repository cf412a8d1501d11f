"""``straggler-rank``: one rank took much longer than the others, which had to wait for it."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.wording import seconds
from diagnostics.records import NS_PER_SECOND, PlacedPhase

LEAST_RANKS = 3
LEAST = NS_PER_SECOND
LEAST_RATIO = 1.3
LEAST_SHARE = 0.02  # of the launch


@dataclass(frozen=True, slots=True)
class Ranks:
    """One phase as its ranks ran it: ns by lane; ``placed`` is the slowest's, or the phase that stands for all."""

    name: str
    placed: PlacedPhase
    took: Mapping[str, int]

    @property
    def slowest(self) -> str:
        return max(self.took, key=lambda lane: self.took[lane])

    @property
    def others(self) -> list[int]:
        return sorted(took for lane, took in self.took.items() if lane != self.slowest)

    @property
    def excess(self) -> int:
        return self.took[self.slowest] - round(statistics.median(self.others))

    @property
    def is_alone(self) -> bool:
        """Where a second is nearly as slow, it is not one rank."""
        return self.took[self.slowest] - self.others[-1] >= self.excess / 2


def straggler_rank(case: Case) -> Iterator[Finding]:
    """The slowest rank of the phase where that cost most, and how often it is the same one."""
    least = max(LEAST, round(case.launch.total * LEAST_SHARE))
    all_ranks = [ranks for ranks in _all_ranks(case) if len(ranks.took) >= LEAST_RANKS]
    late = [
        ranks
        for ranks in all_ranks
        if ranks.excess >= least
        and ranks.is_alone
        and ranks.took[ranks.slowest] >= LEAST_RATIO * max(1, ranks.others[0])
    ]
    by_rank: dict[str, list[Ranks]] = {}
    for ranks in late:
        by_rank.setdefault(ranks.slowest, []).append(ranks)
    for rank, told in by_rank.items():
        yield _finding(rank, told, len(all_ranks))


def _all_ranks(case: Case) -> Iterator[Ranks]:
    lanes: dict[tuple[int | None, str], list[PlacedPhase]] = {}
    # Of a launch of very many phases a case holds the longest, so that positions are no places in its list.
    known = {placed.phase.position: placed for placed in case.launch.phases}
    for placed in case.launch.phases:
        told = placed.phase.attributes.get("ranks")
        if isinstance(told, Mapping) and all(isinstance(value, (int, float)) for value in told.values()):
            yield Ranks(placed.path, placed, {str(lane): int(value) for lane, value in told.items()})
        elif placed.phase.lane:
            lanes.setdefault((_shared(known, placed), placed.phase.name), []).append(placed)
    for (_, name), phases in lanes.items():
        if len({placed.phase.lane for placed in phases}) == len(phases):
            slowest = max(phases, key=lambda placed: placed.phase.duration)
            yield Ranks(name, slowest, {placed.phase.lane: placed.phase.duration for placed in phases})


def _shared(known: Mapping[int, PlacedPhase], placed: PlacedPhase) -> int | None:
    """The phase around that all ranks share: a parent of another lane than the rank's own."""
    parent = placed.parent
    while parent is not None and parent in known and known[parent].phase.lane == placed.phase.lane:
        parent = known[parent].parent
    return parent


def _finding(rank: str, told: list[Ranks], compared: int) -> Finding:
    worst = max(told, key=lambda ranks: ranks.excess)
    others = round(statistics.median(worst.others))
    cost = sum(min(ranks.excess, ranks.placed.critical_time) for ranks in told)
    also = f" So it was in {len(told)} of {compared} phases that ranks ran." if len(told) > 1 else ""
    return Finding(
        reason="straggler-rank",
        layer=Layer.UNKNOWN,
        severity=Severity.WARNING if cost else Severity.NOTICE,
        text=(
            f"{rank} took {seconds(worst.took[rank])} for {worst.name}, the other {len(worst.others)} ranks "
            f"{seconds(others)} (median).{also}"
        ),
        phase=worst.placed.path,
        expected=float(others),
        actual=float(worst.took[rank]),
        unit="ns",
        confidence=min(0.9, 0.5 + 0.1 * (len(told) - 1) + 0.05 * len(worst.others)),
        cost=cost,
        evidence_for=[
            Proof(
                f"{ranks.name}: "
                + ", ".join(f"{lane} {seconds(took)}" for lane, took in list(ranks.took.items())[:16]),
                time=ranks.placed.phase.start_time,
            )
            for ranks in told
        ],
        evidence_against=[] if cost else [Proof("It was not on the critical path: nobody waited for it")],
        advice=f"Compare {rank}'s GPU, NUMA node and storage with the others': its clocks (nvidia-smi -q -d CLOCK), "
        "its PCIe width, and on which host it ran.",
    )
