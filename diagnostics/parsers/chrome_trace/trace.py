"""What the events of a Chrome trace add up to."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from diagnostics.parsers.amounts import LARGEST, MICROSECOND, decimal, nanoseconds, whole
from diagnostics.parsers.chrome_trace.lanes import Lanes
from diagnostics.parsers.chrome_trace.matching import Begun, Matcher
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.origin import placed
from diagnostics.parsers.spans import Group, Spans, packed
from diagnostics.parsers.timestamps import instant
from diagnostics.records import Event, ParseError, Phase, SampleSeries

MOST_EVENTS = 20_000
MOST_SAMPLES = 200_000
_ASYNC_BEGIN, _ASYNC_END = "bS", "eF"
_INSTANT = "iIRn"


class Trace:
    """Takes events as they come; what may be of any number is bounded, and what is left out is counted."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self._spans = Spans()
        self._matcher = Matcher(self._spans)
        self._lanes = Lanes()
        self._instants: list[tuple[int, str, Group, bytes]] = []
        self._counters: dict[tuple[str, str], tuple[array[int], array[float]]] = {}
        self._samples = self._order = 0
        self._first: int | None = None
        self._last: int | None = None
        self._about: dict[str, Any] = {}

    def take(self, event: Mapping[str, Any]) -> bool:
        """Whether the event could be read."""
        kind = event.get("ph")
        if not isinstance(kind, str):
            return False
        self.kinds[kind[:8]] += 1
        if kind == "M":
            self._lanes.take(event)
            return True
        time = nanoseconds(event.get("ts"))
        if time is None:
            # Of the kinds that are left aside some have no time, and need none.
            return kind not in "XBEbeSFCnIiR"
        self._order += 1
        return self._timed(kind, event, time)

    def is_told(self) -> bool:
        return bool(self._spans.total or self._instants or self._counters or self._open)

    @property
    def _open(self) -> int:
        return self.kinds["B"] + self.kinds["b"] + self.kinds["S"]

    def _timed(self, kind: str, event: Mapping[str, Any], time: int) -> bool:
        end = time
        thread = ("thread", str(event.get("pid", "")), str(event.get("tid", "")))
        if kind == "X":
            found = _end(event, time)
            if found is None:
                return False
            end = found
            self._spans.add(thread, time, end, _name(event), _args(event), self._order)
        elif kind == "B":
            self._matcher.begin(thread, Begun(time, _name(event), _args(event), self._order))
        elif kind == "E":
            self._matcher.end(thread, time, str(event.get("name") or ""), _args(event))
        elif kind in _ASYNC_BEGIN:
            self._matcher.begin(_async(event), Begun(time, _name(event), _args(event), self._order))
        elif kind in _ASYNC_END:
            self._matcher.end(_async(event), time, str(event.get("name") or ""), _args(event))
        elif kind in _INSTANT:
            self._instant(event, time, thread)
        elif kind == "C":
            self._count(event, time)
        else:
            return True  # flows, objects, samples: they take no time, and their stamps may be of another clock
        self._first = time if self._first is None or time < self._first else self._first
        self._last = end if self._last is None or end > self._last else self._last
        return True

    def _instant(self, event: Mapping[str, Any], time: int, thread: Group) -> None:
        if len(self._instants) < MOST_EVENTS:
            self._instants.append((time, _name(event), thread, packed(_args(event))))

    def _count(self, event: Mapping[str, Any], time: int) -> None:
        for key, value in (event.get("args") or {}).items() if isinstance(event.get("args"), dict) else ():
            number = decimal(value)
            if number is None or self._samples >= MOST_SAMPLES:
                continue
            self._samples += 1
            name = "".join(_name(event).split())[:100]
            times, values = self._counters.setdefault((f"trace.{name}", str(key)[:100]), (array("q"), array("d")))
            times.append(time)
            values.append(float(number))

    def records(self, hints: Hints, about: Mapping[str, Any]) -> Iterator[Phase | Event | SampleSeries]:
        first, last = self._first or 0, self._last or 0
        self._matcher.finish(last)
        shift, clock = placed(first, last, hints, _base(about, first))
        self._about = {"clock": clock, **_told(about)}
        groups = self._spans.groups()
        groups |= dict.fromkeys(thread for _, _, thread, _ in self._instants)
        lanes = self._lanes.named(groups)
        self._about["lanes"] = len(set(lanes.values()))
        self._about |= self._spans.facts()
        yield from self._spans.note(first + shift)
        yield from self._spans.phases(lanes.__getitem__, shift)
        for time, name, thread, args in sorted(self._instants, key=lambda one: one[0]):
            fields = orjson.loads(args) if args else {}
            yield Event(time + shift, name, source=lanes[thread], precision=MICROSECOND, fields=fields)
        for (metric, instance), (times, values) in self._counters.items():
            pairs = sorted(zip(times, values, strict=True))
            yield SampleSeries(metric, instance, [time + shift for time, _ in pairs], [value for _, value in pairs])

    def facts(self) -> dict[str, Any]:
        counted = {
            "phases_too_deep": self._spans.too_deep,
            "unmatched_begins": self._matcher.unmatched_begins,
            "unmatched_ends": self._matcher.unmatched_ends,
            "events_left_out": sum(self.kinds[kind] for kind in _INSTANT) - len(self._instants),
        }
        kinds = {"trace_events": sum(self.kinds.values()), "kinds": dict(self.kinds.most_common(30))}
        return {**self._about, **kinds, **{name: value for name, value in counted.items() if value}}


def _end(event: Mapping[str, Any], start: int) -> int | None:
    """Rounded on its own, so that what ended inside another event still does. Without ``dur``, the time of CPU."""
    ts, dur = event.get("ts"), event.get("dur", event.get("tdur", 0))
    if type(ts) is int and type(dur) is int:
        end = (ts + dur) * MICROSECOND
    else:
        begun, took = decimal(ts), decimal(dur)
        if begun is None or took is None:
            return None
        end = whole((begun + took) * MICROSECOND)
    return end if start <= end < LARGEST else None


def _name(event: Mapping[str, Any]) -> str:
    return str(event.get("name") or "").strip()[:500] or "(no name)"


def _args(event: Mapping[str, Any]) -> Mapping[str, Any]:
    args, category = event.get("args"), event.get("cat")
    told = args if isinstance(args, dict) else {}
    return {"category": category, **told} if isinstance(category, str) and category else told


def _async(event: Mapping[str, Any]) -> Group:
    """The spans of one id nest in each other. An id is the whole trace's if said so, else its process's."""
    category, scope = str(event.get("cat", ""))[:100], str(event.get("scope", ""))
    told = event.get("id2")
    both = told if isinstance(told, dict) else {}
    own = both.get("local", both.get("global", event.get("id", "")))
    process = "" if "global" in both and "local" not in both else str(event.get("pid", ""))
    return ("async", process, category, scope, str(own))


def _base(about: Mapping[str, Any], first: int) -> int | None:
    """What the file says its zero was, ns: Kineto's and viztracer's key, or when Chrome's tools began to record."""
    for key in (None, "viztracer_metadata", "otherData", "metadata"):
        told = about if key is None else about.get(key)
        if isinstance(told, dict):
            base = nanoseconds(told.get("baseTimeNanoseconds"), 1)
            if base is not None:
                return base
    metadata = about.get("metadata")
    begun = metadata.get("startTime") if isinstance(metadata, dict) else None
    if isinstance(begun, str):
        try:
            return instant(begun, "$.metadata.startTime") - first
        except ParseError:
            return None
    return None


def _told(about: Mapping[str, Any]) -> dict[str, Any]:
    """What is worth knowing of what stands beside the events."""
    metadata = about.get("metadata")
    told: dict[str, Any] = {"display_time_unit": about.get("displayTimeUnit"), "trace_name": about.get("traceName")}
    if isinstance(about.get("viztracer_metadata"), dict):
        told["producer"] = "viztracer"
    elif "deviceProperties" in about or "schemaVersion" in about:
        told["producer"] = "kineto"
    elif isinstance(metadata, dict):
        told["producer"] = metadata.get("source") or metadata.get("product-version")
    return {name: value[:200] for name, value in told.items() if isinstance(value, str) and value}
