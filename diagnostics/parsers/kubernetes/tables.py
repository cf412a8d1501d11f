"""Tables as kubectl prints them: a header of capital or title-case names, cells apart by blanks.

::

    LAST SEEN           TYPE      REASON    OBJECT      MESSAGE
    44m (x9 over 60m)   Normal    Created   Pod/front   Created container: stress

      Type    Reason     Age                 From     Message
      ----    ------     ----                ----     -------
      Normal  Pulled     12s (x2 over 1m2s)  kubelet  Container image "bash" already present on machine
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_APART = re.compile(r"\s{2,}|\t+")
_COLUMN = re.compile(r"\S+(?: \S+)*")
_NAMES = {
    "last seen": "last",
    "lastseen": "last",
    "age": "last",
    "first seen": "first",
    "firstseen": "first",
    "count": "count",
    "type": "type",
    "reason": "reason",
    "object": "object",
    "kind": "kind",
    "name": "name",
    "namespace": "namespace",
    "subobject": "path",
    "subobjectpath": "path",
    "from": "component",
    "source": "component",
    "message": "message",
}


class Table(NamedTuple):
    """The columns of a header and where each begins."""

    columns: Sequence[str]
    starts: Sequence[int]

    def row(self, line: str) -> dict[str, str]:
        """Cells by column. Empty cells can only be told by their place; rows of a watch have places of their own."""
        if self._fits(line):
            ends = [*self.starts[1:], len(line)]
            cells = [line[start:end].strip() for start, end in zip(self.starts, ends, strict=True)]
        else:
            cells = _APART.split(line.strip(), maxsplit=len(self.columns) - 1)
        return dict(zip(self.columns, cells, strict=False))

    def _fits(self, line: str) -> bool:
        return all(
            start == 0
            or (len(line) > start and line[start - 1].isspace() and not line[start].isspace())
            or line[start - 1 : start + 2].isspace()
            for start in self.starts
        )


def event_table(header: str) -> Table | None:
    """The table a header opens, or ``None`` if the line is not the header of events."""
    cells = list(_COLUMN.finditer(header.expandtabs()))
    columns = [_NAMES.get(cell[0].lower(), cell[0].lower()) for cell in cells]
    if not {"reason", "message", "last"} <= set(columns) or "type" not in columns:
        return None
    return Table(columns, [cell.start() for cell in cells])
