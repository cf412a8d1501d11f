"""Which rows of a launch to draw: never more than a screenful's limit, whatever the launch has.

Every phase of the window is either a row or counted in one: in its folded ancestor, or in the "shorter phases" row of
its nearest shown ancestor. Failed, critical and long phases get their rows first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from diagnostics.charts.phase_tree import Hidden, Parent, PhaseTree, WaterfallPhase
from diagnostics.records import Interval, PhaseStatus

__all__ = ["Bar", "BarKind", "Hidden", "WaterfallPhase", "bars", "names"]

# Up to so many rows a launch is shown whole, however short its phases: nothing is gained by grouping them.
ROOMY = 50


class BarKind(StrEnum):
    PHASE = "phase"
    OTHERS = "others"
    UNACCOUNTED = "unaccounted"


@dataclass(frozen=True, slots=True)
class Bar:
    """One row. ``start``..``end`` is what is drawn (ns since the epoch); ``duration`` is the time it stands for, which
    for ``others`` is the sum over the grouped phases. ``count``: phases hidden inside a folded or ``others`` row.
    ``ghost`` is where the baseline had this phase, on this launch's clock.
    """

    label: str
    path: str
    depth: int
    kind: BarKind
    start: int
    end: int
    duration: int
    lane: str = ""
    position: int | None = None
    self_time: int | None = None
    slack: int | None = None
    critical: bool = False
    status: PhaseStatus = PhaseStatus.SUCCESS
    count: int = 0
    foldable: bool = False
    folded: bool = False
    ghost: Interval | None = None
    precision: int = 0  # ns that start and end can be off by


def bars(
    phases: Sequence[WaterfallPhase],
    hidden: Sequence[Hidden],
    unaccounted: Sequence[Interval],
    window: Interval,
    width: int,
    folded: frozenset[int] = frozenset(),
    limit: int = 200,
    ghosts: Mapping[str, Interval] | None = None,
) -> list[Bar]:
    """Rows of ``window`` for a plot ``width`` pixels wide: depth-first, siblings by start, at most ``limit``.

    ``phases`` come with their ancestors; ``hidden`` counts what was not handed over, by parent. A group of shorter
    phases closes its parent's rows. ``ghosts`` gives the baseline's interval by phase path.
    """
    tree = PhaseTree(phases, hidden, window)
    pixel = max(1, window.duration // max(1, width))
    gaps = _gap_rows(unaccounted, window, pixel, max(1, limit // 4))
    chosen = _Choice(tree, folded, pixel, limit - len(gaps)).made()
    return list(_rows(tree, chosen, folded, gaps, ghosts or {}))


def names(bars: Sequence[Bar]) -> list[str]:
    """What each row is called: its label, with its lane where that differs from the row above it in the tree."""
    lanes: list[str] = []
    found = []
    for bar in bars:
        del lanes[bar.depth :]
        new_lane = bool(bar.lane) and bar.lane != (lanes[-1] if lanes else "")
        lanes += [bar.lane] * (bar.depth + 1 - len(lanes))
        found.append(f"{bar.label} · {bar.lane}" if new_lane else bar.label)
    return found


def _gap_rows(unaccounted: Sequence[Interval], window: Interval, pixel: int, limit: int) -> list[Bar]:
    inside = [gap for gap in unaccounted if gap.start < window.end and gap.end > window.start]
    inside.sort(key=lambda gap: (-gap.duration, gap.start))
    if len(inside) <= min(limit, ROOMY // 4):
        return [_gap_row([gap]) for gap in sorted(inside, key=lambda gap: gap.start)]
    shown = [gap for gap in inside[: limit - 1] if gap.duration >= pixel]
    rest = inside[len(shown) :]
    rows = [_gap_row([gap]) for gap in shown] + ([_gap_row(rest)] if rest else [])
    return sorted(rows, key=lambda row: row.start)


def _gap_row(gaps: Sequence[Interval]) -> Bar:
    label = "unaccounted" if len(gaps) == 1 else f"{len(gaps)} shorter unaccounted stretches"
    start, end = min(gap.start for gap in gaps), max(gap.end for gap in gaps)
    summed = sum(gap.duration for gap in gaps)
    count = 0 if len(gaps) == 1 else len(gaps)
    return Bar(label, "", 0, BarKind.UNACCOUNTED, start, end, summed, count=count)


class _Choice:
    """The phases that get a row of their own, within ``room`` rows that the groups of the others share."""

    def __init__(self, tree: PhaseTree, folded: frozenset[int], pixel: int, room: int) -> None:
        self.tree, self.folded, self.pixel, self.room = tree, folded, pixel, room
        self.chosen: set[int] = set()
        # Children (one more for those never handed over) of each open row that have no row: they share one group row.
        self.missing: dict[Parent, int] = {None: tree.child_count(None)}
        self.rows = 1 if self.missing[None] else 0

    def made(self) -> set[int]:
        visible = list(self.tree.unfolded(self.folded))
        everything = len(visible) <= ROOMY
        candidates = [one for one in visible if everything or self.tree.visible_time(one) >= self.pixel]
        for phase in sorted(candidates, key=self._rank):
            self._take(phase)
        # A group of one costs as much as the phase itself and says less; an opened row may leave its own group of one.
        for phase in visible:
            if phase.position not in self.chosen and self.missing.get(self.tree.parent(phase)) == 1:
                self._take(phase)
        return self.chosen

    def _rank(self, phase: WaterfallPhase) -> tuple[bool, bool, int, int]:
        failed = phase.status == PhaseStatus.FAILED
        return (not failed, not phase.critical, -self.tree.visible_time(phase), phase.position)

    def _take(self, phase: WaterfallPhase) -> None:
        # With no room left, only a phase that takes the place of its group row can come in.
        if self.rows >= self.room and self.missing.get(self.tree.parent(phase)) != 1:
            return
        chain = list(takewhile(lambda one: one.position not in self.chosen, self.tree.with_ancestors(phase)))
        cost = self._cost(chain)
        if self.rows + cost > self.room:
            return
        self.rows += cost
        for one in reversed(chain):
            self.chosen.add(one.position)
            self.missing[self.tree.parent(one)] -= 1
            self.missing[one.position] = self._children(one)

    def _cost(self, chain: Sequence[WaterfallPhase]) -> int:
        """Rows that showing ``chain`` (a phase, then ancestors up to a shown one) adds, group rows come and gone."""
        if not chain:
            return 0
        top_parent = self.tree.parent(chain[-1])
        closes_group = self.missing[top_parent] == 1
        opens_groups = sum(self._children(one) > (rank > 0) for rank, one in enumerate(chain))
        return len(chain) + opens_groups - closes_group

    def _children(self, phase: WaterfallPhase) -> int:
        return 0 if phase.position in self.folded else self.tree.child_count(phase.position)


def _rows(
    tree: PhaseTree, chosen: set[int], folded: frozenset[int], gaps: Sequence[Bar], ghosts: Mapping[str, Interval]
) -> Iterator[Bar]:
    waiting = sorted(gaps, key=lambda gap: -gap.start)
    # A stack instead of recursion: a launch may nest deeper than Python likes to.
    stack: list[WaterfallPhase | Bar] = _level(tree, None, 0, chosen)
    while stack:
        item = stack.pop()
        while waiting and _is_top(item) and waiting[-1].start <= _start(item):
            yield waiting.pop()
        if isinstance(item, Bar):
            yield item
            continue
        yield _phase_row(tree, item, item.position in folded, ghosts.get(item.path))
        if item.position not in folded:
            stack += _level(tree, item.position, item.depth + 1, chosen)
    yield from reversed(waiting)


def _level(tree: PhaseTree, parent: Parent, depth: int, chosen: set[int]) -> list[WaterfallPhase | Bar]:
    """The rows under ``parent``, last first: its group of shorter phases, then its chosen children."""
    shown: list[WaterfallPhase | Bar] = []
    grouped: list[WaterfallPhase] = []
    for child in tree.children[parent]:
        (shown if child.position in chosen else grouped).append(child)
    others = _others_row(tree, parent, depth, grouped)
    return [*([others] if others else []), *reversed(shown)]


def _others_row(tree: PhaseTree, parent: Parent, depth: int, grouped: Sequence[WaterfallPhase]) -> Bar | None:
    unseen = tree.hidden[parent]
    count = sum(1 + tree.beneath(one.position) for one in grouped) + sum(one.count for one in unseen)
    if not count:
        return None
    members: list[WaterfallPhase | Hidden] = [*grouped, *unseen]
    owner = tree.phases.get(parent) if parent is not None else None
    return Bar(
        label="1 shorter phase" if count == 1 else f"{count:,} shorter phases".replace(",", " "),
        path=owner.path if owner else "",
        depth=depth,
        kind=BarKind.OTHERS,
        start=min(one.start_time for one in members),
        end=max(one.end_time for one in members),
        duration=sum(one.duration for one in members),
        critical=any(one.critical for one in grouped),
        status=_worst(one.status for one in grouped),
        count=count,
    )


def _worst(statuses: Iterable[PhaseStatus]) -> PhaseStatus:
    return PhaseStatus.FAILED if PhaseStatus.FAILED in statuses else PhaseStatus.SUCCESS


def _phase_row(tree: PhaseTree, phase: WaterfallPhase, folded: bool, ghost: Interval | None) -> Bar:
    foldable = phase.children > 0 or tree.child_count(phase.position) > 0
    return Bar(
        label=phase.name,
        path=phase.path,
        depth=phase.depth,
        kind=BarKind.PHASE,
        start=phase.start_time,
        end=phase.end_time,
        duration=phase.duration,
        lane=phase.lane,
        position=phase.position,
        self_time=phase.self_time,
        slack=phase.slack,
        critical=phase.critical,
        status=phase.status,
        count=tree.beneath(phase.position) if folded else 0,
        foldable=foldable,
        folded=folded and foldable,
        ghost=ghost,
        precision=phase.precision,
    )


def _is_top(item: WaterfallPhase | Bar) -> bool:
    return item.depth == 0


def _start(item: WaterfallPhase | Bar) -> int:
    return item.start if isinstance(item, Bar) else item.start_time
