"""What ``vllm bench startup --output-json`` writes: how long every cold and every warm start took, in seconds::

    {"avg_cold_startup_time": 41.2, "cold_startup_times": [43.1, 39.3], "cold_startup_percentiles": {"50": 41.2},
     "avg_cold_compilation_time": 12.5, "cold_compilation_times": [13.0, 12.0], …
     "warm_startup_times": [20.1, 19.9], "warm_compilation_times": [2.5, 2.4]}

or one of the ``*.pytorch.json`` files beside it, whose records hold the same lists. Starts are phases one after the
other, cold ones first, as they were run. Compilation is part of its start and never added to it; where within it lay
is not told, so that it begins with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.parsers.amounts import nanoseconds, plain
from diagnostics.parsers.exact_document import objects, read_document
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.origin import placed
from diagnostics.parsers.reading import Reading
from diagnostics.parsers.source import Source
from diagnostics.records import NS_PER_SECOND, Lines, Parsed, ParseError, Phase

PARSER = "vllm-bench-startup/1"
MOST_STARTS = 10_000
CLASSES = ("cold", "warm")
_TIMES = re.compile(r"(?P<cls>cold|warm)_(?P<part>\w+)_times")
_TOLD = re.compile(r"(?:avg_)?(?:cold|warm)_\w+_(?:time|percentiles)")
_HEAD = re.compile(rb'"(?:avg_)?(?:cold|warm)_startup_times?"\s*:')


def parse(source: Source, hints: Hints) -> Reading:
    """A phase for each start and each of its parts. Raises ``ParseError`` if no start is told or a time is wrong."""
    results, about = _results(read_document(source, "The result of vllm bench startup"))
    phases = list(_phases(results))
    if not phases:
        message = "No start is told: send the file that `vllm bench startup --output-json FILE` wrote"
        raise ParseError(message, "$.cold_startup_times", "no_starts")
    last = max(phase.end_time for phase in phases)
    shift, clock = placed(0, last, hints)
    for phase in phases:
        yield Phase(
            position=phase.position,
            name=phase.name,
            start_time=phase.start_time + shift,
            duration=phase.duration,
            parent=phase.parent,
            is_root=phase.is_root,
            attributes=phase.attributes,
        )
    told = {key: plain(value) for key, value in results.items() if _TOLD.fullmatch(key)}
    starts = {name: sum(phase.name == f"{name} start" for phase in phases) for name in CLASSES}
    lines = Lines(len(phases), len(phases))
    return Parsed(parser=PARSER, lines=lines, labels=about, facts={"clock": clock, "starts": starts, "seconds": told})


def _results(document: Any) -> tuple[Mapping[str, Any], dict[str, str]]:
    if isinstance(document, dict):
        return document, {}
    found: dict[str, Any] = {}
    models: set[str] = set()
    for record in objects(document):
        metric, model = record.get("metric"), record.get("model")
        extra = metric.get("extra_info") if isinstance(metric, dict) else None
        found |= extra if isinstance(extra, dict) else {}
        models |= {str(model["name"])} if isinstance(model, dict) and model.get("name") else set()
    return found, {"model": models.pop()[:500]} if len(models) == 1 else {}


def _phases(results: Mapping[str, Any]) -> Iterator[Phase]:
    at = position = 0
    for cls in CLASSES:
        parts = {match["part"]: _times(results[key], key) for key, match in _lists(results) if match["cls"] == cls}
        for number, took in enumerate(parts.get("startup", ())):
            start = position
            yield Phase(start, f"{cls} start", at, took, is_root=True, attributes={"iteration": number + 1})
            position += 1
            for part, times in parts.items():
                inner = times[number] if part != "startup" and number < len(times) else 0
                if inner:
                    told = {"iteration": number + 1, "placed": "with its start: when it ran is not told"}
                    yield Phase(position, part.replace("_", " "), at, min(inner, took), parent=start, attributes=told)
                    position += 1
            at += took


def _lists(results: Mapping[str, Any]) -> list[tuple[str, re.Match[str]]]:
    return [(key, match) for key in results if (match := _TIMES.fullmatch(key))]


def _times(told: Any, key: str) -> list[int]:
    if not isinstance(told, list) or len(told) > MOST_STARTS:
        raise ParseError(f"This must be a list of at most {MOST_STARTS:,} seconds", f"$.{key}", "invalid_times")
    times: list[int] = []
    for number, value in enumerate(told):
        took = None if isinstance(value, str) and type(value) is str else nanoseconds(value, NS_PER_SECOND)
        if took is None or took < 0:
            raise ParseError("This must be a number of seconds, 0 or more", f"$.{key}[{number}]", "invalid_times")
        times.append(took)
    return times


def recognise(head: bytes) -> bool:
    """A JSON document that names cold or warm start-up times."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and _HEAD.search(head) is not None
