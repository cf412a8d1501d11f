"""Which phases are one when they slow down together: the family of a phase path.

``load@TP0`` and ``load@TP7`` are one phase done by two ranks, ``import`` and ``import#2`` one phase done twice. Other
numbers are names: ``step-1`` and ``step-2`` stay two families.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_REPEATED = re.compile(r"#\d+(?=/|$)")
_LANE = re.compile(r"@[^/@]*(?=/|$)")
_RANK = re.compile(r"\b((?:tp|pp|dp|ep|rank|worker|gpu|cuda|device|shard|replica)[ _:-]?)\d+", re.IGNORECASE)


def family_of(path: str | None) -> str:
    """``engine/load@TP3#2`` → ``engine/load@TP*``; the total (no path) is ``""``."""
    if path is None:
        return ""
    bare = _LANE.sub(lambda lane: re.sub(r"\d+", "*", lane[0]), _REPEATED.sub("", path))
    return _RANK.sub(r"\1*", bare)


def ancestors(path: str) -> Iterator[str]:
    """The paths around a path, the nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
