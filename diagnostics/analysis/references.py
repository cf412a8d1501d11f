"""Do the references between phases hold? Positions exist, and neither parents nor dependencies run in a circle."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from diagnostics.records import ParseError, Phase

_SHOWN = 6  # phases named in a sentence about a circle


def check(phases: Sequence[Phase]) -> None:
    """Raise ``ParseError`` for a parent or dependency that does not exist, and for dependencies in a circle."""
    count = len(phases)
    dependent = []
    for phase in phases:
        if phase.parent is not None and not 0 <= phase.parent < count:
            raise ParseError(f"{quoted(phase)} names a parent that is not there.", _at(phase, "parent"))
        if phase.depends_on:
            dependent.append(phase)
            if not all(0 <= other < count for other in phase.depends_on):
                raise ParseError(f"{quoted(phase)} depends on a phase that is not there.", _at(phase, "depends_on"))
    if dependent:
        _check_dependencies(phases, dependent)


def break_cycles(phases: Sequence[Phase], parents: MutableSequence[int | None]) -> None:
    """Cut each circle of ``parents`` at its latest inferred edge; one without an inferred edge is a ``ParseError``."""
    if all(phase.parent is None for phase in phases):
        return  # inferred parents alone come earlier in ``by_start`` than their children
    visited = [-1] * len(phases)
    for first in range(len(phases)):
        position: int | None = first
        while position is not None and visited[position] < 0:
            visited[position] = first
            position = parents[position]
        if position is not None and visited[position] == first:
            _cut(phases, parents, _circle(parents, position))


def quoted(phase: Phase) -> str:
    """The phase as a sentence names it: its quoted name, elided in the middle, and its place."""
    name = phase.name if len(phase.name) <= 60 else f"{phase.name[:40]}…{phase.name[-15:]}"
    return f"Phase “{name}” ({phase.position})"


def _at(phase: Phase, field: str) -> str:
    return f"$.phases[{phase.position}].{field}"


def _circle(parents: Sequence[int | None], position: int) -> list[int]:
    circle = [position]
    while (parent := parents[circle[-1]]) is not None and parent != position:
        circle.append(parent)
    return circle


def _cut(phases: Sequence[Phase], parents: MutableSequence[int | None], circle: Sequence[int]) -> None:
    inferred = {position for position in circle if phases[position].parent is None}
    if not inferred:
        names = _told([phases[position] for position in circle])
        raise ParseError(f"Phases are each other's parents in a circle: {names}.", _at(phases[min(circle)], "parent"))
    if len(inferred) == 1:
        parents[inferred.pop()] = None
    else:
        parents[max(inferred, key=lambda i: (phases[i].start_time, -phases[i].end_time, i))] = None


def _check_dependencies(phases: Sequence[Phase], dependent: Sequence[Phase]) -> None:
    # Kahn's algorithm: what never becomes free stands in a circle, or behind one.
    waiting_for = {phase.position: len(phase.depends_on) for phase in dependent}
    dependents: dict[int, list[int]] = {}
    for phase in dependent:
        for other in phase.depends_on:
            dependents.setdefault(other, []).append(phase.position)
    free = [position for position in dependents if position not in waiting_for]
    while free:
        for position in dependents.get(free.pop(), ()):
            waiting_for[position] -= 1
            if not waiting_for[position]:
                del waiting_for[position]
                free.append(position)
    if waiting_for:
        _refuse_circle(phases, waiting_for)


def _refuse_circle(phases: Sequence[Phase], stuck: dict[int, int]) -> None:
    position, steps = min(stuck), dict[int, int]()
    while position not in steps:
        steps[position] = len(steps)
        position = next(other for other in phases[position].depends_on if other in stuck)
    circle = list(steps)[steps[position] :]
    names = _told([phases[i] for i in circle])
    raise ParseError(f"Phases depend on each other in a circle: {names}.", _at(phases[min(circle)], "depends_on"))


def _told(circle: Sequence[Phase]) -> str:
    first = min(range(len(circle)), key=lambda i: circle[i].position)
    turned = [*circle[first:], *circle[:first]]
    names = [quoted(phase).removeprefix("Phase ") for phase in turned[:_SHOWN]]
    if len(turned) > _SHOWN:
        names.append(f"{len(turned) - _SHOWN} more")
    return " → ".join([*names, names[0]])
