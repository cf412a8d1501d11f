"""Chrome trace event JSON, as Chrome, Perfetto's UI, viztracer and PyTorch's profiler write it::

    {"traceEvents": [
      {"ph": "M", "name": "thread_name", "pid": 7, "tid": 7, "args": {"name": "main"}},
      {"ph": "X", "name": "load", "pid": 7, "tid": 7, "ts": 1666149715033200.125, "dur": 12.5, "cat": "io"},
      {"ph": "B", "name": "warm-up", "pid": 7, "tid": 7, "ts": 20}, {"ph": "E", "pid": 7, "tid": 7, "ts": 30}
    ], "baseTimeNanoseconds": 1727743122000000000}

or the array alone, which may lack its end. ``ts`` and ``dur`` are microseconds, ``displayTimeUnit`` or not. Complete
events, begins with their ends and asynchronous spans are phases in the lane of their thread, nested by time; instants
are events, counters samples. Of more than 100,000 spans the longest are kept, and an event says so. A trace that we
exported ourselves is the launch that it was (``exported``).
"""

from __future__ import annotations

import json
import re
from itertools import chain, islice

from diagnostics.parsers.chrome_trace import exported
from diagnostics.parsers.chrome_trace.stream import EventStream
from diagnostics.parsers.chrome_trace.trace import Trace
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import Parsed, ParseError

PARSER = "chrome-trace/1"
_OBJECT = re.compile(rb'\A\s*\{.*?"traceEvents"\s*:\s*\[', re.DOTALL)
_KINETO = re.compile(rb'\A\s*\{.*?"schemaVersion"\s*:.*?"deviceProperties"\s*:', re.DOTALL)
_ARRAY = re.compile(r"\s*\[\s*(?=\{)")


def parse(source: Source, hints: Hints) -> Reading:
    """Phases in order of start, then events and counters. Raises ``ParseError`` if nothing in it takes time."""
    tally = Tally()
    stream, trace = EventStream(source, tally), Trace()
    events = stream.events()
    first = list(islice(events, 1))
    if exported.launch_of(stream.about) is not None:
        return (yield from exported.parse(chain(first, events), stream.about, tally, PARSER))
    for event in chain(first, events):
        if not trace.take(event):
            tally.skip(stream.line, json.dumps(event)[:200])
    if not trace.is_told():
        message = "No event of this trace lasts any time, nor is an instant: it has nothing to show"
        raise ParseError(message, "$.traceEvents", "no_phases")
    yield from trace.records(hints, stream.about)
    facts = {**trace.facts(), **({"truncated": True} if stream.is_cut else {})}
    return Parsed(parser=PARSER, lines=tally.lines(), facts={**facts, **tally.facts()})


def recognise(head: bytes) -> bool:
    """An object with ``traceEvents``, or an array whose first object is an event with a phase and a time."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _OBJECT.match(head) or _KINETO.match(head):
        return True
    text = head.decode("utf-8", "replace")
    array = _ARRAY.match(text)
    if array is None:
        return False
    try:
        first, _ = json.JSONDecoder(strict=False).raw_decode(text, array.end())
    except (ValueError, RecursionError):
        return False
    return isinstance(first.get("ph"), str) and len(first["ph"]) == 1 and ("ts" in first or first["ph"] == "M")
