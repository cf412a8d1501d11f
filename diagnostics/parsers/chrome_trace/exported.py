"""A Chrome trace that ``exports.chrome_trace`` wrote of one launch: what the format has no place for is in ``args``,
and what the launch is known by beside the events. Read back, it is the same launch::

    {"baseTimeNanoseconds": 1764000000000000000, "otherData": {"launchscope": {"launch": {"service.version": "1", …}}},
     "traceEvents": [{"ph": "X", "name": "load", "ts": 0, "dur": 1.5, "args": {"launchscope": {"id": "p1", …}}}]}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from diagnostics.parsers.amounts import nanoseconds, plain
from diagnostics.parsers.otlp.resource import config_of, host_of, labels_of, own_milestones, version_of
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.records import Category, Event, Parsed, Phase, PhaseStatus

OURS = "launchscope"


def launch_of(about: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the launch is known by, if this is the export of one; of two side by side the slices alone tell."""
    other = about.get("otherData")
    told = other.get(OURS) if isinstance(other, dict) else None
    launch = told.get("launch") if isinstance(told, dict) else None
    return plain(launch) if isinstance(launch, dict) else None


def parse(events: Iterable[Mapping[str, Any]], about: Mapping[str, Any], tally: Tally, parser: str) -> Reading:
    """Phases in the order they had in the launch, then events."""
    launch = launch_of(about) or {}
    base = nanoseconds(about.get("baseTimeNanoseconds"), 1) or 0
    slices, instants = [], []
    for event in events:
        args = event.get("args")
        start = nanoseconds(event.get("ts"))
        if start is None or not isinstance(args, dict):
            continue
        if event.get("ph") == "X" and isinstance(args.get(OURS), dict):
            slices.append((base + start, nanoseconds(event.get("dur", 0)) or 0, str(event.get("name")), plain(args)))
        elif event.get("ph") == "i":
            instants.append((base + start, str(event.get("name")), plain(args)))
    yield from _phases(slices)
    yield from (_event(time, name, args) for time, name, args in instants)
    return Parsed(
        parser=parser,
        version=version_of(launch),
        host=host_of(launch),
        labels=labels_of(launch),
        milestones=own_milestones(launch),
        config=config_of(launch),
        lines=tally.lines(),
        facts={"clock": "wall", "producer": OURS},
    )


def _phases(slices: list[tuple[int, int, str, dict[str, Any]]]) -> Iterable[Phase]:
    ordered = sorted(slices, key=lambda one: (one[3][OURS].get("position", 0), one[0]))
    places = {one[3][OURS].get("id"): n for n, one in enumerate(ordered)}
    for n, (start, duration, name, args) in enumerate(ordered):
        own = args.pop(OURS)
        parent = places.get(own.get("parent"))
        yield Phase(
            position=n,
            name=name,
            start_time=start,
            duration=duration,
            status=PhaseStatus.FAILED if own.get("status") == "failed" else PhaseStatus.SUCCESS,
            id=own.get("id"),
            parent=parent,
            is_root=parent is None,
            depends_on=tuple(places[other] for other in own.get("depends_on") or () if other in places),
            lane=str(own.get("lane") or ""),
            attributes=args,
        )


def _event(time: int, name: str, args: Mapping[str, Any]) -> Event:
    category = args.get("category")
    told = Category(category) if category in set(Category) else Category.OTHER
    return Event(time, name, str(args.get("source") or ""), level=str(args.get("level") or ""), category=told)
