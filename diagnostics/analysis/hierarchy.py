"""Who nests in whom: parents told by the sender or inferred from time, depth, and the path that names a phase.

A path is the identity of a phase across launches, so it must not depend on anything that varies from one launch to
the next: only names, lanes and, between siblings of the same name, their order in time.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from diagnostics.analysis import references
from diagnostics.records import ParseError, Phase

MAX_DEPTH = 200
MAX_PATH_BYTES = 1_000
# How far an exact search goes on behind a dependency that encloses its dependent: a bound against hostile snapshots.
MAX_HOPS = 1_000


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The tree of a launch's phases; every sequence but ``roots`` and the orders is indexed by position.

    ``children`` and ``roots`` are in order of (start_time, position). ``by_start`` holds every position in order of
    (start, longest first, position), ``top_down`` every position with parents before their children.
    """

    parents: Sequence[int | None]
    depths: Sequence[int]
    paths: Sequence[str]
    children: Sequence[Sequence[int]]
    roots: Sequence[int]
    by_start: Sequence[int]
    top_down: Sequence[int]


def nest(phases: Sequence[Phase]) -> Hierarchy:
    """Place every phase: ``phases[i].position`` must be ``i``.

    A parent is what the sender said; else, unless ``is_root``, the latest-started phase whose closed interval contains
    this one. Identical intervals do not contain each other. A phase of a lane contains that lane's only, a laneless
    one contains any, and no phase contains one that depends on it directly. An inferred parent that would close a
    cycle with explicit ones is dropped.

    Raises ``ParseError`` for references that do not exist, cycles of parents or of dependencies, and depth beyond
    ``MAX_DEPTH``. A dependency on one's own ancestor or descendant is kept as told: whoever reads edges ignores it.
    """
    if any(phase.position != index for index, phase in enumerate(phases)):
        raise ValueError("Phases must come in the order of their positions, counted from 0.")
    references.check(phases)
    by_start = _by_start(phases)
    parents = _parents(phases, by_start)
    references.break_cycles(phases, parents)
    children, roots = _children(phases, parents)
    top_down, depths = _levels(phases, children, roots)
    paths = _paths(phases, children, roots, top_down)
    return Hierarchy(parents, depths, paths, children, roots, by_start, top_down)


def _by_start(phases: Sequence[Phase]) -> list[int]:
    # Two stable sorts on integer keys are several times faster than one on tuples.
    ends = [-phase.start_time - phase.duration for phase in phases]
    starts = [phase.start_time for phase in phases]
    return sorted(sorted(range(len(phases)), key=ends.__getitem__), key=starts.__getitem__)


class _Lane:
    """The phases of one lane seen so far, in order of start; answers which of them encloses an interval.

    ``open`` is a stack: whatever ended before a later phase ended can enclose nothing that the later one does not.
    Its ends fall from bottom to top, which ``late`` holds negated for bisection.
    """

    __slots__ = ("late", "open", "outer", "seen")

    def __init__(self) -> None:
        self.seen: list[Phase] = []
        self.outer: list[int] = []  # per seen phase: index of the innermost one around it, or -1
        self.open: list[int] = []
        self.late: list[int] = []

    def add(self, phase: Phase, end: int) -> None:
        cut = bisect_right(self.late, -end)
        # An identical interval takes the place of its twin, so that a thousand of them are one step to cross.
        if cut and self.late[cut - 1] == -end and self.seen[self.open[cut - 1]].start_time == phase.start_time:
            cut -= 1
        del self.open[cut:], self.late[cut:]
        self.outer.append(self.open[-1] if self.open else -1)
        self.open.append(len(self.seen))
        self.late.append(-end)
        self.seen.append(phase)

    def enclosing(self, phase: Phase, end: int) -> Phase | None:
        """The latest-started phase around ``phase`` that it does not depend on."""
        place = bisect_right(self.late, -end) - 1
        if place < 0:
            return None
        found = self.seen[self.open[place]]
        if self.late[place] == -end and found.start_time == phase.start_time:
            if not place:
                return None
            found, place = self.seen[self.open[place - 1]], place - 1
        if found.position in phase.depends_on:
            return self._enclosing_before(self.open[place] - 1, phase, end)
        return found

    def _enclosing_before(self, index: int, phase: Phase, end: int) -> Phase | None:
        # The stack forgot what the dependency outlasted, so the search goes on over everything seen.
        dependencies = frozenset(phase.depends_on)
        for _ in range(MAX_HOPS):
            if index < 0:
                break
            found = self.seen[index]
            if found.end_time < end:
                index = self.outer[index]
            elif found.position in dependencies or (found.start_time, found.end_time) == (phase.start_time, end):
                index -= 1
            else:
                return found
        return None


def _parents(phases: Sequence[Phase], by_start: Sequence[int]) -> list[int | None]:
    parents: list[int | None] = [None] * len(phases)
    lanes: dict[str, _Lane] = {"": _Lane()}
    shared = lanes[""]
    for position in by_start:
        phase = phases[position]
        end = phase.start_time + phase.duration
        lane = lanes.get(phase.lane) or lanes.setdefault(phase.lane, _Lane())
        if phase.parent is not None or phase.is_root:
            parents[position] = phase.parent
        else:
            found = lane.enclosing(phase, end)
            if lane is not shared:
                found = _inner(found, shared.enclosing(phase, end))
            parents[position] = None if found is None else found.position
        lane.add(phase, end)
    return parents


def _inner(own: Phase | None, other: Phase | None) -> Phase | None:
    if own is None or other is None:
        return own or other
    return own if (own.start_time, -own.end_time) >= (other.start_time, -other.end_time) else other


def _children(phases: Sequence[Phase], parents: Sequence[int | None]) -> tuple[list[Sequence[int]], list[int]]:
    children: list[Sequence[int]] = [()] * len(phases)  # leaves share one empty tuple
    roots: list[int] = []
    lists: dict[int, list[int]] = {}
    starts = [phase.start_time for phase in phases]
    for position in sorted(range(len(phases)), key=starts.__getitem__):
        parent = parents[position]
        if parent is None:
            roots.append(position)
        elif parent in lists:
            lists[parent].append(position)
        else:
            children[parent] = lists[parent] = [position]
    return children, roots


def _levels(
    phases: Sequence[Phase], children: Sequence[Sequence[int]], roots: Sequence[int]
) -> tuple[list[int], list[int]]:
    depths = [0] * len(phases)
    top_down: list[int] = []
    level, depth = list(roots), 0
    while level:
        if depth > MAX_DEPTH:
            place = f"$.phases[{level[0]}]" + (".parent" if phases[level[0]].parent is not None else "")
            raise ParseError(f"{references.quoted(phases[level[0]])} is nested deeper than {MAX_DEPTH} levels.", place)
        for position in level:
            depths[position] = depth
        top_down += level
        level = [child for position in level for child in children[position]]
        depth += 1
    return top_down, depths


def _paths(
    phases: Sequence[Phase],
    children: Sequence[Sequence[int]],
    roots: Sequence[int],
    top_down: Sequence[int],
) -> list[str]:
    paths = [""] * len(phases)
    for siblings, parent in [(roots, None), *((children[i], i) for i in top_down if children[i])]:
        lane = "" if parent is None else phases[parent].lane
        prefix = "" if parent is None else paths[parent] + "/"
        names = [_segment(phases[position], lane) for position in siblings]
        if len(set(names)) < len(names):
            names = _numbered(names)
        for position, name in zip(siblings, names, strict=True):
            paths[position] = _bounded(prefix + name)
    return paths


def _segment(phase: Phase, parent_lane: str) -> str:
    text = phase.name if not phase.lane or phase.lane == parent_lane else f"{phase.name}@{phase.lane}"
    if "~" in text or "/" in text:
        text = text.replace("~", "~0").replace("/", "~1")
    return text


def _numbered(names: Sequence[str]) -> list[str]:
    """The second of the same name gets ``#2`` and so on, stepping over names that somebody really has."""
    real = set(names)
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        if seen[name] > 1:
            while f"{name}#{seen[name]}" in real:
                seen[name] += 1
            numbered.append(f"{name}#{seen[name]}")
        else:
            numbered.append(name)
    return numbered


def _bounded(path: str) -> str:
    if len(path) * 4 <= MAX_PATH_BYTES:
        return path
    raw = path.encode("utf-8", "surrogatepass")
    if len(raw) <= MAX_PATH_BYTES:
        return path
    # A bare "~" never precedes "#" in an escaped name, so a shortened path cannot meet a real one.
    mark = f"~#{hashlib.blake2b(raw, digest_size=16).hexdigest()}"
    return raw[: MAX_PATH_BYTES - len(mark)].decode("utf-8", "ignore") + mark
