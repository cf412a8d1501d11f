"""What a container, or any program, printed while it started::

    {"log":"INFO 04-17 08:59:09 [api_server.py:1901] vLLM API server version 0.11.2\\n","stream":"stderr","time":"…"}
    2026-04-17T08:59:09.123456789Z stderr F (Worker_TP0 pid=4610) INFO 04-17 08:59:51 [default_loader.py:314] Loading …
    vllm-1  | INFO 04-17 09:00:55 [launcher.py:36] Application startup complete.
    I0611 06:50:09.912686 1 model_lifecycle.cc:839] "successfully loaded 'detector_onnx'"
    {"timestamp":"2026-05-20T14:42:27.187392Z","level":"INFO","fields":{"message":"Successfully downloaded weights."}}

Stamps, wrappings and what model servers say are the agent's (``diagnostics.agent``): one definition for a log that is
saved and one that is read live. Every message is an ``Event``; the rules of the profile that shows itself make phases
and the milestone ``ready_line``. A line without a stamp has the time of the one before (``fields["stamped"]`` False).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from diagnostics.agent.lines import Line
from diagnostics.agent.log_pieces import as_line, pieces
from diagnostics.agent.log_wrapping import Unwrapped
from diagnostics.agent.profiled import Profiled
from diagnostics.agent.profiles import GENERIC
from diagnostics.agent.profiling import matters
from diagnostics.agent.rule_matching import lane_of
from diagnostics.agent.stamps import Calendar
from diagnostics.parsers.container_log import levels, subjects
from diagnostics.parsers.container_log.launches import Launches, phases
from diagnostics.parsers.container_log.messages import Message, Row, messages
from diagnostics.parsers.container_log.recognising import recognise
from diagnostics.parsers.container_log.years import first_year
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import Event, Parsed, ParseError

PARSER = "container-log/1"
# How many lines are read ahead, so that those before a server names itself are understood as its own.
_AHEAD = 2_000


def parse(source: Source, hints: Hints) -> Reading:
    """One event for each message, then the phases. Raises ``ParseError`` if no line says when it was written."""
    log = _Log(source, hints)
    for message in messages(log.rows()):
        yield _event(message)
    told = [(launch.conclude(), number) for number, launch in enumerate(log.launches.all, 1)]
    yield from phases(told)
    ready = [launch.profiling.ready.time for launch in log.launches.all if launch.profiling.ready]
    return Parsed(
        parser=PARSER,
        milestones={"ready_line": ready[0]} if ready else {},
        labels=_labels(told),
        lines=log.tally.lines(),
        facts={**log.facts(), **_profile_facts(told, log.launches), **log.tally.facts()},
    )


class _Log:
    """One file on its way through: what is counted, and the launches that its lines are fed to."""

    def __init__(self, source: Source, hints: Hints) -> None:
        self._source = source
        self._hints = hints
        self._known = subjects.Known((GENERIC,))
        self._calendar = Calendar(hints.received_at, hints.zone, hints.year)
        self.launches = Launches()
        self.tally = Tally()
        self.levels: Counter[str] = Counter()
        self.stamped = 0
        self.first: int | None = None
        self.last = 0
        self.precision = 1

    def rows(self) -> Iterator[Row]:
        time = self._look_ahead()
        precision = self.precision
        for number, piece in pieces(self._counted(), self._calendar):
            if piece.time is not None:
                time, precision = piece.time, piece.precision
                self._see(time, precision)
            yield self._row(number, piece, time, precision)

    def facts(self) -> dict[str, Any]:
        """Times in ns; ``without_zone`` and ``without_year`` count stamps that took them from the upload's hints."""
        facts: dict[str, Any] = {
            "clock": "wall",
            "first_stamp": self.first,
            "last_stamp": self.last,
            "precision_ns": self.precision,
            "lines_with_stamp": self.stamped,
            "lines_without_stamp": self.tally.total - self.stamped,
            "levels": dict(self.levels),
        }
        if self._calendar.without_zone:
            facts |= {"without_zone": self._calendar.without_zone, "zone": str(self._hints.zone)}
        if self._calendar.without_year:
            facts["without_year"] = self._calendar.without_year
        return facts

    def _look_ahead(self) -> int:
        """The first stamp of the file, for the lines before it; and which profile shows itself early."""
        first: Unwrapped | None = None
        ahead, calendar = Launches(), self._calendar
        for number, piece in pieces(self._source.lines(), calendar):
            first = first or (piece if piece.time is not None else None)
            if number <= _AHEAD:
                ahead.see(0)
                ahead.feed(as_line(piece, number)._replace(time=0))
            elif first:
                break
        if first is None or first.time is None:
            raise _without_stamps(has_lines=bool(ahead.all))
        self._known = subjects.Known(ahead.profiles)
        self.precision = first.precision
        return self._settle_year(calendar, first.time)

    def _settle_year(self, ahead: Calendar, first: int) -> int:
        """Begin anew with the year that is known by now; the time of the first stamp in it."""
        year = first_year(self._source, self._hints, ahead, first)
        again = Calendar(self._hints.received_at, self._hints.zone, year)
        if year is not None:
            read = pieces(self._source.lines(), again)
            first = next(piece.time for _, piece in read if piece.time is not None)
        self._calendar = Calendar(self._hints.received_at, self._hints.zone, year)
        return first

    def _row(self, number: int, piece: Unwrapped, time: int, precision: int) -> Row:
        level = levels.in_words(piece.level) or levels.in_text(piece.text)
        if level:
            self.levels[level] += 1
        if piece.damaged:
            self.tally.skip(number, piece.text)
        self.launches.see(time)
        engine = matters(piece.text) and self._feed(as_line(piece, number)._replace(time=time, precision=precision))
        return Row(number, piece, time, precision, level, engine)

    def _feed(self, line: Line) -> bool:
        """Whether the profiles that have shown themselves know the line."""
        self.launches.feed(line)
        profiles = self.launches.profiles
        if profiles[0] is not GENERIC and tuple(profile.name for profile in profiles) != self._known.profiles:
            self._known = subjects.Known(profiles)
        return self._known.search(line.text) is not None

    def _see(self, time: int, precision: int) -> None:
        self.stamped += 1
        self.first = time if self.first is None else self.first
        self.last = time
        self.precision = max(self.precision, precision)

    def _counted(self) -> Iterator[str]:
        for line in self._source.lines():
            self.tally.total += 1
            yield line


def _event(message: Message) -> Event:
    level, category, fields = subjects.judge(
        message.level, message.text, engine=message.engine, in_traceback=message.in_traceback
    )
    rank = lane_of(message.text) if message.engine else ""
    told = {"rank": rank, "lines": message.lines if message.lines > 1 else 0}
    return Event(
        time=message.time,
        text=message.text,
        source=message.source,
        line=message.number,
        precision=message.precision,
        level=level,
        category=category,
        fields={**fields, **{k: v for k, v in told.items() if v}, **({} if message.stamped else {"stamped": False})},
    )


def _labels(told: list[tuple[Profiled, int]]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for profiled, _ in told:
        labels = {**profiled.labels, "profile": " ".join(profiled.report.profiles), **labels}
    return labels


def _profile_facts(told: list[tuple[Profiled, int]], launches: Launches) -> dict[str, Any]:
    """How well the rules fitted, of the first launch that matched any; and how the launches ended."""
    report = next((profiled.report for profiled, _ in told if profiled.report.matched), told[0][0].report)
    failure = next((launch.profiling.failure for launch in launches.all if launch.profiling.failure), None)
    surplus = sum(launch.profiling.surplus for launch in launches.all)
    facts = {
        "profile": report.profiles,
        "matched": report.matched,
        "missing": report.missing,
        "unended": report.unended,
        "lost": report.lost,
        "ready": [launch.profiling.ready.time for launch in launches.all if launch.profiling.ready],
        "failure": failure and {"line": failure.number, "text": failure.text[:500], "time": failure.time},
        "restarts": len(told) - 1,
        "phases_left_out": surplus,
    }
    return {name: value for name, value in facts.items() if value}


def _without_stamps(*, has_lines: bool) -> ParseError:
    if not has_lines:
        return ParseError("The log is empty", "", "empty_log")
    return ParseError(
        "No line says when it was written: send the log with `kubectl logs --timestamps` or `docker logs -t`",
        "line 1",
        "no_timestamps",
    )


__all__ = ["PARSER", "parse", "recognise"]
