"""Spring Boot's account of its start (``/actuator/startup``, recorded by ``BufferingApplicationStartup``)::

    {"springBootVersion": "3.3.5", "timeline": {"startTime": "2026-11-23T10:00:00.120Z", "events": [
      {"startupStep": {"name": "spring.beans.instantiate", "id": 7, "parentId": 5,
                       "tags": [{"key": "beanName", "value": "dataSource"}]},
       "startTime": "2026-11-23T10:00:00.512345Z", "endTime": "2026-11-23T10:00:00.9Z", "duration": "PT0.387655S"}]}}

Steps end before those around them and stand in that order. Each is a phase, its tags attributes; what a step is about
(a bean, a post-processor) is part of its name. Instants may also be seconds since 1970, durations seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from diagnostics.parsers.amounts import decimal, nanoseconds, whole
from diagnostics.parsers.exact_document import objects, read_document
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.parsers.timestamps import instant
from diagnostics.parsers.trees import opened
from diagnostics.records import NS_PER_SECOND, Milestone, Parsed, ParseError, Phase

PARSER = "spring-startup/1"
MOST_STEPS = 100_000
READY = "spring.boot.application.ready"
# What a step is about tells steps of one name apart, and is the same in every launch.
ABOUT = ("beanName", "postProcessor", "initializer", "mainApplicationClass")
_DURATION = re.compile(
    r"(?P<minus>-)?P(?:(?P<d>\d+)D)?(?:T(?:(?P<H>-?\d+)H)?(?:(?P<M>-?\d+)M)?(?:(?P<S>-?\d+(?:\.\d+)?)S)?)?"
)
# A generated class has a number and an address that are others each time.
_NUMBERS = re.compile(r"(?P<lambda>\$\$Lambda[\w$/.]*(?:@[0-9a-f]+)?)|\$\$[0-9a-f]{6,}\b|@[0-9a-f]{4,}\b")
_HEAD = re.compile(rb'"timeline"\s*:\s*\{')


class _Step(NamedTuple):
    start: int
    duration: int
    name: str
    id: Any
    parent: Any
    tags: Mapping[str, Any]


def parse(source: Source, hints: Hints) -> Reading:
    """Phases in order of start. Raises ``ParseError`` if it is no such account or has no steps."""
    document = read_document(source, "Spring Boot's start-up endpoint")
    timeline = document.get("timeline") if isinstance(document, dict) else None
    if not isinstance(timeline, dict) or not isinstance(timeline.get("events"), list):
        message = "Spring Boot's start-up endpoint answers an object with “timeline” and its “events”"
        raise ParseError(message, "$.timeline.events", "invalid_timeline")
    tally = Tally(total=len(timeline["events"]))
    steps = sorted(_steps(timeline["events"], tally), key=lambda step: (step.start, -step.duration))
    if not steps:
        message = "The timeline has no steps: a POST to /actuator/startup empties it, so ask with GET, once it is ready"
        raise ParseError(message, "$.timeline.events", "no_steps")
    yield from _phases(steps)
    ready = next((step.start + step.duration for step in steps if step.name == READY), None)
    facts = {"clock": "wall", "steps": len(steps), "spring_boot": str(document.get("springBootVersion", ""))[:100]}
    return Parsed(
        parser=PARSER,
        milestones={} if ready is None else {Milestone.READY_LINE.value: ready},
        lines=tally.lines(),
        facts={**facts, **tally.facts()},
    )


def _steps(events: Sequence[Any], tally: Tally) -> list[_Step]:
    steps: list[_Step] = []
    for number, event in enumerate(events):
        step = _step(event) if isinstance(event, dict) and len(steps) < MOST_STEPS else None
        if step is None:
            tally.skip(number + 1, str(event))
        else:
            steps.append(step)
    return steps


def _step(event: Mapping[str, Any]) -> _Step | None:
    about = event.get("startupStep")
    start, end = _instant(event.get("startTime")), _instant(event.get("endTime"))
    took = _duration(event.get("duration"))
    if took is None and start is not None and end is not None:
        took = end - start
    if not isinstance(about, dict) or start is None or took is None:
        return None
    tags = {str(tag.get("key")): tag.get("value") for tag in objects(about.get("tags"))}
    name = str(about.get("name") or "").strip()[:300] or "(no name)"
    # Its clock may be set back while it runs.
    return _Step(start, max(took, 0), name, about.get("id"), about.get("parentId"), tags)


def _phases(steps: Sequence[_Step]) -> list[Phase]:
    places = {step.id: n for n, step in enumerate(steps) if isinstance(step.id, int)}
    parents = opened([places.get(step.parent) if isinstance(step.parent, int) else None for step in steps])
    return [
        Phase(
            position=n,
            name=_name(step),
            start_time=step.start,
            duration=step.duration,
            parent=parents[n],
            is_root=parents[n] is None,
            attributes={"step": step.name, **{key: str(value)[:500] for key, value in step.tags.items()}},
        )
        for n, step in enumerate(steps)
    ]


def _name(step: _Step) -> str:
    about = next((str(step.tags[key]) for key in ABOUT if step.tags.get(key)), "")
    about = _NUMBERS.sub(lambda match: "$$Lambda" if match["lambda"] else "", about)
    return f"{step.name} {about}".strip()[:500]


def _instant(value: object) -> int | None:
    if isinstance(value, str) and "T" in value:
        try:
            return instant(value, "")
        except ParseError:
            return None
    return nanoseconds(value, NS_PER_SECOND)


def _duration(value: object) -> int | None:
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) and "P" in value else None
    if match is None:
        return nanoseconds(value, NS_PER_SECOND)
    days, hours, minutes = (int(match[key] or 0) for key in ("d", "H", "M"))
    seconds = decimal(match["S"] or 0)
    if seconds is None or max(days, hours, minutes) > 10**6:
        return None
    took = (days * 86_400 + hours * 3_600 + minutes * 60) * NS_PER_SECOND + whole(seconds * NS_PER_SECOND)
    return -took if match["minus"] else took


def recognise(head: bytes) -> bool:
    """A timeline of start-up steps."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{" or not _HEAD.search(head):
        return False
    return b'"startupStep"' in head or b'"springBootVersion"' in head
