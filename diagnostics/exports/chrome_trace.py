"""A launch as Chrome trace event JSON: opens in Perfetto (ui.perfetto.dev) and ``chrome://tracing``.

Times are µs from the launch's start, which ``baseTimeNanoseconds`` tells: absolute ones would not fit a double to the
nanosecond. A thread is a lane; phases that overlap without nesting, which viewers cannot draw in one thread, get a
further one of the same name. What the format has no place for is in each slice's ``args``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from diagnostics.exports.json_text import json_text
from diagnostics.exports.otlp import resource
from diagnostics.exports.told import Told
from diagnostics.records import PlacedPhase

NO_LANE = "launch"


def chrome_trace(launch: Told) -> bytes:
    """The object form, ``{"traceEvents": […], …}``."""
    return several({"": launch})


def several(launches: Mapping[str, Told], deltas: Mapping[str, Mapping[str, Any]] | None = None) -> bytes:
    """Launches side by side, each a process that begins at 0; ``deltas`` (by phase path) go into the slices' args."""
    events: list[dict[str, Any]] = []
    for process, (name, launch) in enumerate(launches.items(), start=1):
        title = " ".join(part for part in (name, launch.service, launch.version) if part)
        events.append(_named("process_name", title, process, 0))
        events += _slices(launch, process, deltas or {})
    first = next(iter(launches.values()))
    about = {name or "launch": dict(resource(launch)) | {"id": str(launch.id)} for name, launch in launches.items()}
    document = {
        "displayTimeUnit": "ms",
        "baseTimeNanoseconds": first.start_time,
        "otherData": {"launchscope": about},
        "traceEvents": events,
    }
    return json_text(document)


def _slices(launch: Told, process: int, deltas: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    threads: dict[tuple[str, int], int] = {}
    for one, track in _tracks(launch.phases):
        lane = (one.phase.lane, track)
        if lane not in threads:
            threads[lane] = len(threads) + 1
            yield _named("thread_name", one.phase.lane or NO_LANE, process, threads[lane])
        yield {
            "ph": "X",
            "name": one.phase.name,
            "cat": one.phase.status,
            "pid": process,
            "tid": threads[lane],
            "ts": _micros(one.phase.start_time - launch.start_time),
            "dur": _micros(one.phase.duration),
            "args": _arguments(launch, one) | dict(deltas.get(one.path, {})),
        }
    for event in launch.events:
        told = {"source": event.source, "level": event.level, "category": event.category}
        place = {"pid": process, "tid": 0, "ts": _micros(event.time - launch.start_time), "s": "p"}
        yield {"ph": "i", "name": event.text[:200], "cat": "event", "args": told} | place


def _tracks(phases: Sequence[PlacedPhase]) -> Iterator[tuple[PlacedPhase, int]]:
    """Each phase with the number of a track of its lane in which it lies inside, or beside, all others."""
    open_ends: dict[str, list[list[int]]] = {}
    for one in sorted(phases, key=lambda o: (o.phase.start_time, -o.phase.end_time, o.depth)):
        start, end = one.phase.start_time, one.phase.end_time
        tracks = open_ends.setdefault(one.phase.lane, [])
        for ends in tracks:
            while ends and ends[-1] <= start:
                ends.pop()
        track = next((n for n, ends in enumerate(tracks) if not ends or end <= ends[-1]), len(tracks))
        if track == len(tracks):
            tracks.append([])
        tracks[track].append(end)
        yield one, track


def _arguments(launch: Told, one: PlacedPhase) -> dict[str, Any]:
    own = {
        "id": launch.ids[one.phase.position],
        "parent": launch.parent_of(one),
        "depends_on": launch.before(one),
        "lane": one.phase.lane,
        "status": one.phase.status,
        "position": one.phase.position,
        "self_ns": one.self_time,
        "slack_ns": one.slack,
        "critical": one.critical,
    }
    return {"launchscope": own, **one.phase.attributes}


def _named(what: str, name: str, process: int, thread: int) -> dict[str, Any]:
    return {"ph": "M", "name": what, "pid": process, "tid": thread, "args": {"name": name}}


def _micros(ns: int) -> int | orjson.Fragment:
    """To the nanosecond, which a double would not hold beyond 104 days."""
    sign, (micros, rest) = "-" if ns < 0 else "", divmod(abs(ns), 1000)
    return orjson.Fragment(f"{sign}{micros}.{rest:03d}") if rest else ns // 1000
