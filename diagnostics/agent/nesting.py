"""A snapshot as a reader wants it: phases in order, each with its path, depth and self time; and what none covers.

The server does this again, more thoroughly; here it serves tables and waterfalls on the measured host.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

READINESS = ("pod_ready", "health_ok", "ready_line", "first_success")
Entry = Dict[str, Any]
_RFC3339 = re.compile(
    r"(?P<whole>\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(?P<digits>\d{1,9}))?(?P<zone>[Zz]|[+-]\d\d:\d\d)"
)


@dataclass(frozen=True)
class Nested:
    """One launch: ``items`` have the keys of the API's phases (``critical`` unknown, so False); times in ns."""

    items: Sequence[Entry]
    start_time: int
    total: int
    unaccounted: int
    failed: bool


def nest(document: Any) -> Nested:
    """A snapshot of either form → its phases in order of start. Raises ValueError for what is no snapshot."""
    full: Mapping[str, Any] = {"phases": document} if isinstance(document, list) else document
    try:
        items = [_item(position, phase) for position, phase in enumerate(full["phases"])]
        milestones = {name: instant(time) for name, time in full.get("milestones", {}).items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a snapshot: {error!r}") from None
    if not items and not milestones:
        raise ValueError("a snapshot without phases and milestones")
    # Longest first among those that begin together: parents before what they contain.
    items.sort(key=lambda item: (item["start_time"], -item["duration_ns"]))
    _set_parents(items)
    _set_paths(items)
    start, end = _span(items, milestones)
    covered = union([(item["start_time"], _end(item)) for item in items], start, end)
    failed = any(item["status"] == "failed" for item in items) and not set(READINESS) & set(milestones)
    return Nested(items, start, end - start, end - start - covered, failed)


def instant(value: Any) -> int:
    """Integer ns, or RFC 3339 with a zone and up to nine decimals → ns. Raises ValueError."""
    if isinstance(value, int):
        return value
    match = _RFC3339.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{value} is not a time")
    moment = datetime.fromisoformat(match["whole"].upper() + match["zone"].upper().replace("Z", "+00:00"))
    return int(moment.timestamp()) * 10**9 + int((match["digits"] or "").ljust(9, "0")[:9])


def union(intervals: Sequence[Tuple[int, int]], start: int, end: int) -> int:
    """How much of start..end the intervals cover together (ns)."""
    covered, reached = 0, start
    for begin, finish in sorted(intervals):
        begin, finish = max(begin, reached), min(finish, end)
        if finish > begin:
            covered += finish - begin
            reached = finish
    return covered


def _item(position: int, phase: Mapping[str, Any]) -> Entry:
    return {
        "id": str(phase.get("id", f"#{position}")),
        "phase": str(phase["phase"]),
        "start_time": instant(phase["start_time"]),
        "duration_ns": int(phase["duration_ns"]),
        "status": str(phase.get("status", "success")),
        "lane": str(phase.get("lane") or ""),
        "told_parent": phase.get("parent"),
        "is_root": "parent" in phase and phase["parent"] is None,
        "critical": False,
        "attributes": phase.get("attributes") or {},
    }


def _end(item: Entry) -> int:
    return int(item["start_time"] + item["duration_ns"])


def _set_parents(items: Sequence[Entry]) -> None:
    """What the sender told, by id or by a name that one phase alone has; else the latest-started phase around it."""
    names = Counter(item["phase"] for item in items)
    known: Dict[str, Entry] = {item["phase"]: item for item in items if names[item["phase"]] == 1}
    known.update({item["id"]: item for item in items})
    open_items: List[Entry] = []
    for item in items:
        open_items = [other for other in open_items if _end(other) >= item["start_time"]]
        told = item.pop("told_parent")
        item["parent"] = known.get(str(told)) if told is not None else None
        if told is None and not item.pop("is_root", False):
            item["parent"] = next((other for other in reversed(open_items) if _around(other, item)), None)
        open_items.append(item)


def _around(outer: Entry, inner: Entry) -> bool:
    if outer["lane"] not in ("", inner["lane"]) or _end(outer) < _end(inner):
        return False
    return (outer["start_time"], _end(outer)) != (inner["start_time"], _end(inner))


def _set_paths(items: Sequence[Entry]) -> None:
    """Path, depth and self time; the second sibling of a name gets ``#2``, as on the server."""
    seen: Dict[Tuple[str, str], int] = {}
    for item in items:
        parent: Optional[Entry] = item["parent"]
        lane = item["lane"] if parent is None or parent["lane"] != item["lane"] else ""
        name = item["phase"].replace("~", "~0").replace("/", "~1") + (f"@{lane}" if lane else "")
        prefix = "" if parent is None else str(parent.get("path", parent["phase"]))
        seen[prefix, name] = seen.get((prefix, name), 0) + 1
        number = seen[prefix, name]
        item["path"] = (prefix + "/" if prefix else "") + name + (f"#{number}" if number > 1 else "")
        item["depth"] = 0 if parent is None else parent.get("depth", 0) + 1
    inside: Dict[Optional[str], List[Tuple[int, int]]] = {}
    for item in items:
        item["parent"] = item["parent"]["id"] if item["parent"] is not None else None
        inside.setdefault(item["parent"], []).append((item["start_time"], _end(item)))
    for item in items:
        item["self_ns"] = item["duration_ns"] - union(inside.get(item["id"], []), item["start_time"], _end(item))


def _span(items: Sequence[Entry], milestones: Mapping[str, int]) -> Tuple[int, int]:
    """From process_start or the first phase to the first milestone of readiness, else to the end of the last phase."""
    starts = [item["start_time"] for item in items] + [milestones[m] for m in ("process_start",) if m in milestones]
    start = min(starts or milestones.values())
    ready = next((milestones[name] for name in READINESS if name in milestones), None)
    end = max((_end(item) for item in items), default=start) if ready is None else ready
    return start, max(start, end)
