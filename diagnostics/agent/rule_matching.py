"""Runs the rules of one profile over stamped lines: which phases began, ended, failed, or never ended."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Match, NamedTuple, Optional, Pattern, Tuple

from diagnostics.agent.lines import Line
from diagnostics.agent.profiles import Profile, Rule

NS = 10**9
# A launch has some hundred, of all its ranks; what goes on and on like one is the service's work.
MOST_SPANS = 2_000
# Who speaks: the rank of a vLLM or SGLang worker, a torch rank, a TGI shard, or else the worker's process id.
_LANE = re.compile(
    r"^(?:\([^\s()]+ pid=\d+[^()]*\) )*\((?:[A-Za-z]\w*?_)?((?:DP|PP|TP|EP)\d+(?:[_ ](?:DP|PP|TP|EP)\d+)*) pid=\d+"
    r"|^\[[^\]]*? ((?:(?:DP|PP|TP|EP)\d+ ?)+)\]"
    r"|\[[12]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d[^\]]{0,9} ((?:(?:DP|PP|TP|EP)\d+ ?)+)\]"
    r"|^\[(rank\d+)\]"
    r"|\b(rank=\d+)\b"
    r"|^\((?:VllmWorker\w*|RayWorker\w*|ServeReplica:\S+) (pid=\d+)"
)
_UNITS = {"h": 3600 * NS, "m": 60 * NS, "s": NS, "ms": 10**6, "us": 10**3, "µs": 10**3, "ns": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)")
_TIMES = ("seconds", "ms", "clock", "duration", "key")

Place = Tuple[int, str, str]  # rule, lane, key


class Span:
    """One phase of one rank, as its lines told it; times in ns. ``end`` is None while it is open."""

    __slots__ = ("attributes", "end", "key", "lane", "last_line", "precision", "rule", "start", "status")

    def __init__(self, rule: Rule, lane: str, key: str, start: int, line: Line) -> None:
        self.rule = rule
        self.lane = lane
        self.key = key
        self.start = start
        self.end: Optional[int] = None
        self.status = "success"
        self.precision = line.precision
        self.last_line = line.number
        self.attributes: Dict[str, Any] = {}

    @property
    def name(self) -> str:
        return f"{self.rule.phase} {self.key}" if self.key else self.rule.phase

    @property
    def duration(self) -> int:
        return 0 if self.end is None else self.end - self.start


class _Patterns(NamedTuple):
    rule: Rule
    begin: Optional[Pattern[str]]
    end: Pattern[str]
    failed: Optional[Pattern[str]]


class RuleMatching:
    """The state of one profile: ``spans`` are closed, ``open`` have begun; ``lost`` counts, by phase, ends that could
    not be placed in time because neither their begin nor their own stamp was there; ``surplus`` counts the spans beyond
    ``MOST_SPANS``, which are not kept."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.spans: List[Span] = []
        self.open: Dict[Place, Span] = {}
        self.lost: Dict[str, int] = {}
        self.surplus = 0
        self.labels: Dict[str, str] = {}
        self._rules = [_compiled(rule) for rule in profile.rules]
        self._facts = [(fact, re.compile(fact.pattern)) for fact in profile.facts]
        # One search decides about nearly every line: servers print far more than these rules ask for.
        self._any = re.compile("|".join(f"(?:{_nameless(pattern)})" for pattern in _all_patterns(profile)))
        self._closed: Dict[Place, Span] = {}

    def feed(self, line: Line) -> None:
        if not self._any.search(line.text):
            return
        for fact, pattern in self._facts:
            match = pattern.search(line.text)
            if match:
                self.labels.setdefault(fact.label, fact.value or match["value"])
        for index, patterns in enumerate(self._rules):
            self._apply(index, patterns, line)

    def _apply(self, index: int, patterns: _Patterns, line: Line) -> None:
        failed = patterns.failed.search(line.text) if patterns.failed else None
        ended = failed or patterns.end.search(line.text)
        if ended:
            self._end(index, ended, line, "failed" if failed else "success")
        elif patterns.begin:
            begun = patterns.begin.search(line.text)
            if begun:
                self._begin(index, begun, line)

    def _begin(self, index: int, match: Match[str], line: Line) -> None:
        place = (index, lane_of(line.text), _key(match))
        # A heartbeat repeats the begin: the first one counts.
        if place not in self.open and len(self.open) < MOST_SPANS:
            self.open[place] = Span(self._rules[index].rule, place[1], place[2], line.time, line)
            self._closed.pop(place, None)

    def _end(self, index: int, match: Match[str], line: Line, status: str) -> None:
        place = (index, lane_of(line.text), _key(match))
        took = _took(match)
        span = self._opened(place)
        if span is None and took is not None and line.stamped:
            span = Span(self._rules[index].rule, place[1], place[2], line.time - took, line)
        elif span is None and took is None and place in self._closed:
            self._closed[place].end = line.time
            return
        if span is None:
            phase = self._rules[index].rule.phase
            self.lost[phase] = self.lost.get(phase, 0) + 1
            return
        # What the server measured itself beats the distance between two stamps.
        span.start = line.time - took if took is not None and line.stamped else span.start
        span.end, span.status, span.last_line = max(line.time, span.start), status, line.number
        span.precision = max(span.precision, line.precision)
        span.attributes.update(_attributes(match))
        if len(self.spans) >= MOST_SPANS:
            self.surplus += 1
            return
        self.spans.append(span)
        self._closed[place] = span

    def _opened(self, place: Place) -> Optional[Span]:
        """The open span that this end closes; a begin printed without a rank serves if it is the only one."""
        if place in self.open:
            return self.open.pop(place)
        others = [other for other in self.open if other[0] == place[0] and other[2] == place[2]]
        laneless = [other for other in others if not other[1] or not place[1]]
        return self.open.pop(laneless[0]) if len(laneless) == 1 else None


def lane_of(text: str) -> str:
    """``TP0``, ``DP1 TP3``, ``rank2`` or ``pid77120``: the worker a line comes from; ``""`` for a line of all."""
    match = _LANE.search(text)
    if match is None:
        return ""
    found = next(group for group in match.groups() if group)
    return found.replace("=", "").replace("_", " ").strip()


def _compiled(rule: Rule) -> _Patterns:
    begin = re.compile(rule.begin) if rule.begin else None
    return _Patterns(rule, begin, re.compile(rule.end), re.compile(rule.failed) if rule.failed else None)


def _all_patterns(profile: Profile) -> List[str]:
    rules = [pattern for rule in profile.rules for pattern in (rule.begin, rule.end, rule.failed) if pattern]
    return rules + [fact.pattern for fact in profile.facts]


def _nameless(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _key(match: Match[str]) -> str:
    return match.groupdict().get("key") or ""


def _took(match: Match[str]) -> Optional[int]:
    """How long the line says it took, ns."""
    groups = match.groupdict()
    if groups.get("seconds"):
        return round(float(groups["seconds"]) * NS)
    if groups.get("ms"):
        return round(float(groups["ms"]) * 10**6)
    if groups.get("clock"):
        return _clock(groups["clock"])
    if groups.get("duration"):
        return sum(round(float(number) * _UNITS[unit]) for number, unit in _PART.findall(groups["duration"]))
    return None


def _clock(text: str) -> int:
    total = 0
    for part in text.split(":"):
        total = total * 60 + int(part)
    return total * NS


def _attributes(match: Match[str]) -> Dict[str, Any]:
    return {name: _number(value) for name, value in match.groupdict().items() if value and name not in _TIMES}


def _number(text: str) -> Any:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text[:200]
