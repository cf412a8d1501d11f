"""Profiles in speedscope's file format, as py-spy, rbspy, pyinstrument and others write them::

    {"$schema": "https://www.speedscope.app/file-format-schema.json", "exporter": "py-spy@0.3.14",
     "shared": {"frames": [{"name": "main", "file": "app.py", "line": 3}, {"name": "load"}]},
     "profiles": [
       {"type": "evented", "name": "MainThread", "unit": "milliseconds", "startValue": 0, "endValue": 20,
        "events": [{"type": "O", "frame": 0, "at": 0}, {"type": "C", "frame": 0, "at": 20}]},
       {"type": "sampled", "name": "worker", "unit": "seconds", "startValue": 0, "endValue": 0.03,
        "samples": [[0, 1], [0, 1], [0]], "weights": [0.01, 0.01, 0.01]}]}

A frame is a phase for as long as it stays on the stack: of samples, from the first to the last one in a row that have
it at the same depth under the same frames. Each profile is a lane. Profiles of bytes or counts take no time and are
counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from diagnostics.parsers.amounts import decimal, nanoseconds, whole
from diagnostics.parsers.exact_document import objects, read_document
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.origin import placed
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.parsers.spans import Group, Spans, distinct
from diagnostics.records import Parsed, ParseError

PARSER = "speedscope/1"
UNITS = {"nanoseconds": 1, "microseconds": 1_000, "milliseconds": 1_000_000, "seconds": 1_000_000_000}
# py-spy names threads by numbers that are others in every launch.
_NUMBERED = re.compile(r'(?:Process \d+ )?(?:Thread )?(?:\d+|0x[0-9a-fA-F]+):? "(?P<name>[^"]+)"')


class _Profile:
    """Opens and closes the frames of one profile."""

    def __init__(self, group: Group, frames: list[dict[str, Any]], spans: Spans, tally: Tally) -> None:
        self._group, self._frames, self._spans, self._tally = group, frames, spans, tally
        self._stack: list[tuple[int, int, int]] = []  # frame, when it began, its order
        self._order = 0

    def is_known(self, frame: object) -> TypeGuard[int]:
        return type(frame) is int and 0 <= frame < len(self._frames)

    def open(self, frame: int, time: int) -> None:
        self._order += 1
        self._stack.append((frame, time, self._order))

    def close(self, frame: int, time: int) -> bool:
        """Whether the frame was open; those above it are left open, as the file says."""
        for place in range(len(self._stack) - 1, -1, -1):
            if self._stack[place][0] == frame:
                self._add(self._stack.pop(place), time)
                return True
        return False

    def sample(self, stack: list[int], time: int) -> None:
        """Frames that are no longer there are closed, new ones opened."""
        same = 0
        while same < min(len(stack), len(self._stack)) and stack[same] == self._stack[same][0]:
            same += 1
        self.shut(time, same)
        for frame in stack[same:]:
            self.open(frame, time)

    def shut(self, time: int, depth: int = 0, *, is_open: bool = False) -> None:
        while len(self._stack) > depth:
            self._add(self._stack.pop(), time, is_open=is_open)

    @property
    def depth(self) -> int:
        return len(self._stack)

    def _add(self, one: tuple[int, int, int], end: int, *, is_open: bool = False) -> None:
        frame, start, order = one
        told = self._frames[frame]
        name = str(told.get("name") or "").strip()[:500] or "(no name)"
        about = {key: told[key] for key in ("file", "line", "col") if told.get(key) is not None}
        about |= {"open": True} if is_open else {}
        self._spans.add(self._group, start, max(end, start), name, about, order)


def parse(source: Source, hints: Hints) -> Reading:
    """Phases in order of start. Raises ``ParseError`` if it is no speedscope file or no profile of it measures time."""
    document = read_document(source, "A speedscope file")
    frames, profiles = _parts(document)
    tally, spans, units, unmatched = Tally(), Spans(), dict[str, int](), 0
    for number, profile in enumerate(profiles):
        unit = str(profile.get("unit", "none"))
        if unit not in UNITS:
            units[unit] = units.get(unit, 0) + 1
            continue
        told = _Profile(("profile", number), frames, spans, tally)
        read = _sampled if "samples" in profile else _evented
        unmatched += read(profile, told, UNITS[unit], tally)
    if spans.first is None or spans.last is None:
        measured = f": its profiles count {', '.join(sorted(units))}" if units else ""
        raise ParseError(
            f"No profile of this file has a frame that lasts any time{measured}", "$.profiles", "no_phases"
        )
    shift, clock = placed(spans.first, spans.last, hints)
    yield from spans.note(spans.first + shift)
    lanes = _lanes(profiles, spans.groups())
    yield from spans.phases(lanes.__getitem__, shift)
    facts = {"clock": clock, "exporter": str(document.get("exporter", ""))[:200], "profiles": len(profiles)}
    more = {"unmatched": unmatched, "profiles_without_time": sum(units.values())}
    facts |= spans.facts() | {name: value for name, value in more.items() if value}
    return Parsed(parser=PARSER, lines=tally.lines(), facts={**facts, **tally.facts()})


def _parts(document: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not isinstance(document, dict) or not isinstance(document.get("profiles"), list):
        raise ParseError("A speedscope file is an object with “shared” and “profiles”", "$", "invalid_profile")
    shared = document.get("shared")
    frames = shared.get("frames") if isinstance(shared, dict) else None
    if not isinstance(frames, list):
        raise ParseError(
            "The frames are missing: “shared” must hold a list of them", "$.shared.frames", "invalid_profile"
        )
    # A frame that is no object keeps its number.
    return [frame if isinstance(frame, dict) else {} for frame in frames], objects(document["profiles"])


def _evented(profile: Mapping[str, Any], told: _Profile, unit: int, tally: Tally) -> int:
    last, unmatched = nanoseconds(profile.get("startValue", 0), unit) or 0, 0
    for event in objects(profile.get("events")):
        tally.total += 1
        time, frame = nanoseconds(event.get("at"), unit), event.get("frame")
        if time is None or not told.is_known(frame) or event.get("type") not in ("O", "C"):
            tally.skip(tally.total, str(event))
            continue
        last = max(last, time)
        if event["type"] == "O":
            told.open(frame, time)
        elif not told.close(frame, time):
            unmatched += 1
    unmatched += told.depth
    told.shut(max(last, nanoseconds(profile.get("endValue"), unit) or last), is_open=True)
    return unmatched


def _sampled(profile: Mapping[str, Any], told: _Profile, unit: int, tally: Tally) -> int:
    samples, weights = profile.get("samples"), profile.get("weights")
    if not isinstance(samples, list) or not isinstance(weights, list):
        tally.total += 1
        tally.skip(tally.total, "a profile without samples or weights")
        return 0
    at = decimal(profile.get("startValue", 0)) or decimal(0)
    assert at is not None
    for stack, weight in zip(samples, weights, strict=False):
        tally.total += 1
        took = decimal(weight)
        if took is None or took < 0 or not isinstance(stack, list) or not all(map(told.is_known, stack)):
            tally.skip(tally.total, str(stack))
            continue
        if took:
            told.sample(stack, whole(at * unit))
            at += took
    for _ in range(abs(len(samples) - len(weights))):
        tally.total += 1
        tally.skip(tally.total, "a sample without a weight, or a weight without a sample")
    told.shut(whole(at * unit))
    return 0


def _lanes(profiles: list[dict[str, Any]], groups: Mapping[Group, None]) -> dict[Group, str]:
    if len(groups) == 1:
        return dict.fromkeys(groups, "")
    return distinct((group, name) for group, name in _names(profiles, groups))


def _names(profiles: list[dict[str, Any]], groups: Mapping[Group, None]) -> Iterator[tuple[Group, str]]:
    for group in sorted(groups, key=lambda one: int(one[1])):
        name = str(profiles[group[1]].get("name") or "").strip()
        numbered = _NUMBERED.search(name)
        yield group, (numbered["name"] if numbered else name)[:200] or "profile"


def recognise(head: bytes) -> bool:
    """Its schema's address, or profiles of frames."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return False
    return b"speedscope.app/file-format-schema" in head or (
        b'"profiles"' in head and b'"frames"' in head and (b'"evented"' in head or b'"sampled"' in head)
    )
