"""Events of kubectl's tables: what each row says, and when, given when the table was printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from diagnostics.parsers.kubernetes.durations import Age, age
from diagnostics.parsers.kubernetes.stamps import Stamp, stamp

_REPEATED = re.compile(r"(\S+) \(x(\d{1,18}) over (\S+)\)")
_CONTAINER = re.compile(r"\{([^{}]*)\}")
# A row of ``kubectl get events --no-headers``; the object's slash tells it from other text.
BARE = re.compile(
    r"(?:(?P<namespace>[a-z0-9][a-z0-9-]*) {2,})?(?P<last>(?:\d+[smhdy])+(?: \(x\d+ over \w+\))?|<unknown>) {2,}"
    r"(?P<type>Normal|Warning) {2,}(?P<reason>[A-Z]\w+) {2,}(?P<object>[A-Za-z.]+/\S+) {2,}(?P<message>.*)"
)


class Row(NamedTuple):
    """One row. ``last`` and ``first`` are ages or, of custom columns, times; ``None`` where kubectl knew none."""

    line: int
    type: str
    reason: str
    message: str
    last: Age | Stamp | None
    first: Age | Stamp | None
    repeats: int = 1
    kind: str = ""
    namespace: str = ""
    name: str = ""
    container: str = ""
    is_init: bool = False
    component: str = ""


def row_of(cells: Mapping[str, str], line: int, received_at: int) -> Row | None:
    """The cells of an event's row; ``None`` for cells that are no event (rulers, other text)."""
    reason, level = cells.get("reason", ""), cells.get("type", "")
    if not re.fullmatch(r"[A-Za-z]\w*", level) or not re.fullmatch(r"[A-Za-z][\w./-]*", reason):
        return None
    last, count = cells.get("last", ""), cells.get("count", "1")
    first = cells.get("first", last)
    if repeated := _REPEATED.fullmatch(last):
        last, count, first = repeated.groups()
    kind, _, name = cells.get("object", "").partition("/")
    path = cells.get("path", "")
    container = _CONTAINER.search(path)
    return Row(
        line=line,
        type=level,
        reason=reason,
        message=cells.get("message", ""),
        last=_when(last, received_at),
        first=_when(first, received_at),
        repeats=max(1, int(count)) if count.isdecimal() and len(count) < 19 else 1,
        kind=kind or cells.get("kind", ""),
        namespace=cells.get("namespace", ""),
        # The event's own name is the object's with a number in hex.
        name=name or ("" if cells.get("object") else cells.get("name", "").rpartition(".")[0]),
        container=container[1] if container else "",
        is_init="initContainers" in path,
        component=cells.get("component", "").partition(",")[0],
    )


def placed(when: Age | Stamp | None, printed: Stamp) -> Stamp | None:
    """The instant of an age, given when the table was printed."""
    if isinstance(when, Age):
        return Stamp(printed.time - when.age, max(when.unit, printed.precision))
    return when


def _when(text: str, received_at: int) -> Age | Stamp | None:
    return age(text) or stamp(text, received_at)
