"""When every phase of a launch would run if some took another time: the recorded schedule as a net of waits.

What a phase waited for is read as the critical path reads it: its declared dependencies, or, where it has none that
count, the siblings that had finished when it began, or the start of the phase around it. The time between the two was
not the predecessor's and stays: so does the time that an enclosing phase spent itself. With nothing changed the net
gives back the recorded times exactly.

A phase off the critical path that takes longer first uses up the pause after it, as ``slack`` promises; what is on the
path moves all that comes after it. A changed phase that has parts shrinks or grows with all of them in proportion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from diagnostics.analysis.critical_path import ROOT, Clipped, CriticalPath
from diagnostics.analysis.hierarchy import Hierarchy
from diagnostics.records import Phase

Nodes = list[int]


class Net:
    """Waits between the starts and ends of phases. ``beside`` names phases that are to begin together with another.

    Node ``i`` is the start of phase ``i``, ``count + i`` its end (the last phase is the virtual one around all), and
    what follows are the first ``k`` of a scope's phases in order of their ends, together.
    """

    def __init__(
        self,
        phases: Sequence[Phase],
        hierarchy: Hierarchy,
        clipped: Clipped,
        path: CriticalPath,
        beside: Mapping[int, int],
    ) -> None:
        self.phases = phases
        self.clipped = clipped
        self.entered = path.entered
        self.beside = beside
        self.count = len(phases) + 1
        self.told: Nodes = [*clipped.starts, *clipped.ends]
        self.together: list[tuple[int, ...]] = []  # per prefix node: the end it adds, and the node before
        self.awaits: dict[int, Nodes] = {}
        self.holds: dict[int, Nodes] = {}
        self.overlaps: dict[int, list[int]] = {}
        self.declared: set[int] = set()
        self._read_dependencies(hierarchy.top_down)
        for scope in range(self.count):
            self._read_siblings(scope)
        self._free_those_beside()
        self.order = self._order()
        self.rank = {node: place for place, node in enumerate(self.order)}

    def children(self, scope: int) -> list[int]:
        return [child for child in self.clipped.children[scope] if self.clipped.kept[child]]

    def before(self, node: int) -> Iterator[int]:
        """What must be known before ``node``."""
        if node >= 2 * self.count:
            yield from self.together[node - 2 * self.count]
        elif node >= self.count:
            yield node - self.count
            yield from (child + self.count for child in self.children(node - self.count))
        elif node != self.count - 1:
            yield self.clipped.parents[node] % self.count
            yield from self.awaits.get(node, ())
            yield from self.holds.get(node, ())
            yield from self.overlaps.get(node, ())
            if node in self.beside:
                yield self.beside[node]

    def _read_dependencies(self, top_down: Sequence[int]) -> None:
        inherited: dict[int, list[int]] = {}
        for position in reversed(top_down):
            edges = dict.fromkeys([*self.phases[position].depends_on, *inherited.get(position, ())])
            if not edges or not self.clipped.kept[position]:
                continue
            if not self._declare(position, edges):
                scope = self.clipped.parents[position]
                if scope != ROOT and self.clipped.starts[scope] == self.clipped.starts[position]:
                    inherited.setdefault(scope, []).extend(edges)

    def _declare(self, position: int, edges: Iterable[int]) -> bool:
        """Note the edges of a phase; whether any of them explains its start."""
        starts, ends, kept = self.clipped.starts, self.clipped.ends, self.clipped.kept
        begun = starts[position]
        for other in edges:
            inside = self._shared_scope(position, other)
            if inside is None or not kept[other]:
                continue
            scope = self.clipped.parents[position]
            if ends[other] > begun:
                if starts[other] < begun:
                    self.overlaps.setdefault(position, []).append(other)
            elif inside != scope and ends[other] <= starts[scope]:
                self.holds.setdefault(position, []).append(other + self.count)
            else:
                self.awaits.setdefault(position, []).append(other + self.count)
        if position in self.awaits or position in self.overlaps:
            self.declared.add(position)
        return position in self.declared

    def _shared_scope(self, position: int, other: int) -> int | None:
        """The innermost phase around both; None if one of them is around the other."""
        parents, depths = self.clipped.parents, self.clipped.depths
        one, two = position, other
        while depths[one] > depths[two]:
            one = parents[one]
        while depths[two] > depths[one]:
            two = parents[two]
        if one == two:
            return None
        while parents[one] != parents[two]:
            one, two = parents[one], parents[two]
        return parents[one]

    def _read_siblings(self, scope: int) -> None:
        """Who declares nothing that counts waited, perhaps, for all that had finished when it began."""
        starts, ends, phases = self.clipped.starts, self.clipped.ends, self.phases
        # Points of one instant wait for each other in one order only: those that declare nothing come first.
        by_end = sorted(
            self.children(scope), key=lambda i: (ends[i], starts[i] == ends[i], bool(phases[i].depends_on), i)
        )
        place = 0
        finished: int | None = None
        # Sorted twice, stably: points of one instant stay in that order, and before what begins with them.
        for position in sorted(by_end, key=lambda i: (starts[i], starts[i] != ends[i])):
            while place < len(by_end) and self._is_before(by_end[place], position):
                finished = self._add_prefix(by_end[place], finished)
                place += 1
            if position not in self.declared and finished is not None:
                self.awaits[position] = [finished]

    def _is_before(self, other: int, position: int) -> bool:
        starts, ends, phases = self.clipped.starts, self.clipped.ends, self.phases
        if other == position or ends[other] > starts[position]:
            return False
        is_point = starts[position] == ends[position]
        if ends[other] < starts[position] or starts[other] < ends[other] or not is_point:
            return True
        return (bool(phases[other].depends_on), other) < (bool(phases[position].depends_on), position)

    def _add_prefix(self, position: int, before: int | None) -> int:
        self.together.append((position + self.count,) if before is None else (position + self.count, before))
        self.told.append(self.clipped.ends[position])
        return 2 * self.count + len(self.together) - 1

    def _free_those_beside(self) -> None:
        for position in self.beside:
            if position in self.declared:
                self.holds.setdefault(position, []).extend(self.awaits.get(position, ()))
            self.awaits.pop(position, None)

    def _order(self) -> Nodes:
        """Every node after what it needs. Waits that close a circle, which only points of one instant can, are left
        out: by their order here."""
        order: Nodes = []
        state = bytearray(len(self.told))
        stack: list[tuple[int, Iterator[int]]] = []

        def enter(node: int) -> None:
            state[node] = 1
            stack.append((node, self.before(node)))

        enter(2 * self.count - 1)
        while stack:
            node, rest = stack[-1]
            following = next((other for other in rest if not state[other]), None)
            if following is None:
                order.append(node)
                stack.pop()
            else:
                enter(following)
        return order


class Times:
    """Starts and ends (ns, by position, the launch's own last) once some phases take another ``length``.

    Lengths are those of the parts within the launch; of phases inside each other only the outermost may have one.
    """

    def __init__(self, net: Net, lengths: Mapping[int, int]) -> None:
        self.net = net
        self.lengths = lengths
        self.inside = self._inside(lengths)
        self.values: Nodes = list(net.told)
        for node in net.order:
            if node >= 2 * net.count:
                self.values[node] = max(self.values[other] for other in net.before(node))
            elif node >= net.count:
                self.values[node] = self._end(node - net.count)
            elif node != net.count - 1:
                self.values[node] = self._start(node)
        self.starts = self.values[: net.count]
        self.ends = self.values[net.count : 2 * net.count]

    def _inside(self, lengths: Mapping[int, int]) -> dict[int, int]:
        """Phase → the changed phase that it is, or is a part of."""
        inside: dict[int, int] = {}
        for changed in lengths:
            below = [changed]
            while below:
                position = below.pop()
                inside[position] = changed
                below += self.net.children(position)
        return inside

    def _scaled(self, scope: int, start: int, end: int) -> int:
        """From ``start`` to ``end``, recorded times, as long as it takes now inside of ``scope``."""
        changed = self.inside.get(scope)
        if changed is None:
            return end - start
        begun = self.net.told[changed]
        length = self.net.told[changed + self.net.count] - begun
        if not length:
            return 0
        # Two rounded places apart, never a rounded distance: the parts must add up to the whole.
        new = self.lengths[changed]
        return (end - begun) * new // length - (start - begun) * new // length

    def _start(self, position: int) -> int:
        net, values = self.net, self.values
        scope = net.clipped.parents[position] % net.count
        told, begun = net.told[position], values[scope]
        awaited = [node for node in net.awaits.get(position, ()) if net.rank[node] < net.rank[position]]
        start = begun
        if awaited:
            start = self._after(awaited, told, scope, position, is_sure=position not in net.declared)
        elif position not in net.overlaps and position not in net.beside:
            start = begun + self._scaled(scope, net.told[scope], told)
        for other in net.overlaps.get(position, ()):
            # It needed what the other had done by then.
            start = max(start, values[other] + self._scaled(other, net.told[other], told))
        held = [values[node] for node in net.holds.get(position, ()) if net.rank[node] < net.rank[position]]
        beside = [values[net.beside[position]]] if position in net.beside else []
        return max(start, begun, *held, *beside)

    def _end(self, position: int) -> int:
        net, start = self.net, self.values[position]
        told = net.told[position + net.count]
        if position in self.lengths and told == net.told[position]:
            return start + self.lengths[position]
        children = [child + net.count for child in net.children(position)]
        if not children:
            return start + self._scaled(position, net.told[position], told)
        return max(start, self._after(children, told, position, position, is_sure=False))

    def _after(self, awaited: Sequence[int], told: int, scope: int, position: int, *, is_sure: bool) -> int:
        """When something recorded at ``told`` comes, once all of ``awaited`` have; ``is_sure`` that it waits for all
        of them, so that the pause between cannot be used up."""
        net, values = self.net, self.values
        last, now = max(net.told[node] for node in awaited), max(values[node] for node in awaited)
        pause = self._scaled(scope, last, told)
        on_path = position in net.entered or position == net.count - 1
        if scope in self.inside or (on_path and is_sure):
            return now + pause
        moved = max(min(now + pause, told), now)
        if on_path:
            # The path came from these: they move what follows, pause and all.
            bounding = [node for node in awaited if net.told[node] == last and node - net.count in net.entered]
            moved = max([moved, *(values[node] + pause for node in bounding)])
        return moved
