"""Builders of phases for the tests of the pure core."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from diagnostics.records import Phase


def phases(*specs: tuple[str, int, int] | tuple[str, int, int, dict[str, Any]]) -> list[Phase]:
    """(name, start, end[, fields]) each; ``parent`` and ``depends_on`` in the fields go by name."""
    places = {spec[0]: place for place, spec in enumerate(specs)}
    built = []
    for place, (name, start, end, *rest) in enumerate(specs):
        fields = dict(rest[0]) if rest else {}
        if isinstance(fields.get("parent"), str):
            fields["parent"] = places[fields["parent"]]
        fields["depends_on"] = tuple(places[other] for other in fields.get("depends_on", ()))
        built.append(Phase(place, name, start, end - start, **fields))
    return built


@st.composite
def launches(draw: st.DrawFn, *, edges: bool = True) -> list[Phase]:
    """Up to a dozen phases on a coarse clock, so that ties, twins, points and overlaps abound.

    Explicit parents and dependencies only point at earlier positions, hence never in a circle among themselves.
    """
    built: list[Phase] = []
    for position in range(draw(st.integers(0, 12))):
        earlier = st.integers(0, position - 1)
        parent, root = None, False
        depends_on: tuple[int, ...] = ()
        if position and edges:
            kind = draw(st.sampled_from(["inferred", "inferred", "root", "told"]))
            root, parent = kind == "root", draw(earlier) if kind == "told" else None
            depends_on = tuple(draw(st.lists(earlier, max_size=2)))
        built.append(
            Phase(
                position,
                draw(st.sampled_from("abc")),
                draw(st.integers(0, 20)),
                draw(st.integers(0, 12)),
                parent=parent,
                is_root=root,
                depends_on=depends_on,
                lane=draw(st.sampled_from(["", "", "L", "M"])),
            )
        )
    return built


def names(built: Iterable[Phase], positions: Iterable[int]) -> list[str]:
    told = list(built)
    return [told[position].name for position in positions]
