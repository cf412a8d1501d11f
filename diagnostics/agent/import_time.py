"""Python's own account of its imports (``-X importtime``) as nested phases.

Input, on standard error; children come before the module that imports them::

    import time: self [us] | cumulative | imported package
    import time:       154 |        154 |       encodings.aliases
    import time:       580 |        734 |     encodings

The rows are switched on by ``PYTHONPROFILEIMPORTTIME=1`` in the launch's environment and are taken out of its output
again. Each row was printed when its module was ready, so the time it arrived ends the module.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

VARIABLE = "PYTHONPROFILEIMPORTTIME"
PREFIX = b"import time:"
_ROW = re.compile(r"^import time:\s*(-?\d+) \|\s*(-?\d+) \| ( *)(\S.*?)\s*$")
# Modules faster than this are part of whatever imported them, unless all are wanted.
LEAST_NS = 1_000_000
_MOST = 20_000


class Import(NamedTuple):
    """One module: ``arrived`` (ns) is when its row was read; ``own`` and ``total`` are ns, ``depth`` counts from 0.

    ``own`` is negative where threads imported at the same time: what they took is counted against each other's.
    """

    module: str
    arrived: int
    own: int
    total: int
    depth: int


class Placed(NamedTuple):
    """An import with its place in time (ns); ``parent`` is an index into the same list, or None."""

    module: str
    start: int
    end: int
    own: int
    total: int
    parent: Optional[int]


def parse(text: str, arrived: int) -> Optional[Import]:
    """One row; None for the heading and for anything else."""
    match = _ROW.match(text)
    if match is None:
        return None
    own, total, indent, module = match.groups()
    return Import(module, arrived, int(own) * 1000, max(0, int(total)) * 1000, len(indent) // 2)


def place(rows: List[Import], most: int = _MOST) -> List[Placed]:
    """Rows in the order printed → imports in order of start, parents before children.

    Read backwards, every row is a child of the nearest later row that is one level out. It ends when its row arrived,
    but not after the sibling behind it begins: rows that were read together arrive at one time. Rows of several threads
    or processes interleave; one that would stick out of its parent is cut, one without a parent stands alone.
    """
    placed: List[Placed] = []
    around: List[Tuple[int, int]] = []  # depth and place of the modules that the next row may belong to
    free: Dict[Optional[int], int] = {}  # until when each parent has room for an earlier child
    for row in reversed(rows[-most:]):
        while around and around[-1][0] >= row.depth:
            around.pop()
        parent = around[-1][1] if around and row.depth else None
        end = min(row.arrived, free.get(parent, row.arrived))
        start = end - row.total
        if parent is not None:
            start = max(start, placed[parent].start)
        placed.append(Placed(row.module, start, max(start, end), row.own, row.total, parent))
        free[parent] = start
        free[len(placed) - 1] = max(start, end)
        around.append((row.depth, len(placed) - 1))
    return _in_order(placed)


def _in_order(placed: List[Placed]) -> List[Placed]:
    order = sorted(range(len(placed)), key=lambda i: (placed[i].start, -placed[i].end, i))
    position = {old: new for new, old in enumerate(order)}
    return [placed[i]._replace(parent=None if (p := placed[i].parent) is None else position[p]) for i in order]


def phases(rows: Iterable[Import], verbose: bool = False, least: int = LEAST_NS) -> List[Dict[str, Any]]:
    """Imports of at least ``least`` ns, or with ``verbose`` all, in the form of the wire contract.

    The outermost ones have no ``parent`` key, so that they nest, by time, in the phase that caused them.
    """
    placed = place(list(rows))
    shown = {n for n, item in enumerate(placed) if verbose or item.end - item.start >= least}
    return [_phase(n, placed, shown) for n in sorted(shown)]


def _phase(number: int, placed: List[Placed], shown: "set[int]") -> Dict[str, Any]:
    item = placed[number]
    parent = item.parent
    while parent is not None and parent not in shown:
        parent = placed[parent].parent
    return {
        "phase": f"import {item.module}",
        "start_time": item.start,
        "duration_ns": item.end - item.start,
        "status": "success",
        "id": f"import-{number}",
        **({} if parent is None else {"parent": f"import-{parent}"}),
        "attributes": {"self_ns": max(0, item.own)},
    }


def strip(chunk: bytes) -> Iterator[bytes]:
    """The lines of ``chunk`` (whole lines) that are the program's own."""
    for line in chunk.splitlines(keepends=True):
        if not line.startswith(PREFIX):
            yield line
