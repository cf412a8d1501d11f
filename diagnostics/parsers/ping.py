"""Round trips to a host, as ``ping`` prints them.

::

    PING turner-tls.map.fastly.net (151.101.129.67) 56(84) bytes of data.
    [1594976827.240914] 64 bytes from 151.101.129.67: icmp_seq=1 ttl=59 time=24.4 ms
    no answer yet for icmp_seq=2

    --- turner-tls.map.fastly.net ping statistics ---
    2 packets transmitted, 1 received, 50% packet loss, time 1001ms
    rtt min/avg/max/mdev = 24.359/24.359/24.359/0.000 ms

Samples are ``ping.rtt_ms``, the destination their instance. Only ``-D`` prints times; without, the last packet counts
as sent when the file was received and the others evenly before it (``facts["clock"]`` is ``received``).
A name that is not known and a network that is not there are events, not errors of the file.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.ping_lines import Counts, Header, Reply, RoundTrip, Said, Silence, Title, Trouble, said
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import NS_PER_SECOND, Event, HostFacts, Parsed, ParseError, SampleSeries

PARSER = "ping/1"
PIECE = 8_192  # samples of a series handed over at once
WRAP = 65_536  # sequence numbers start again
SHOWN = 100  # runs whose facts are kept
_ANYWHERE = re.compile(
    rb"^(?:\[\d+\.\d+\] )?(?:PING6? ?\S.*bytes|Pinging \S+.* bytes of data:|\d+ bytes from .*seq[= ]\d+ "
    rb"|--- .* ping6? statistics ---)",
    re.MULTILINE,
)
_FAILED = re.compile(rb"(?:\S*/)?ping6?(?:\.exe)?: \S|Ping request could not find host ")
_HOST = re.compile(
    r"(?:unknown host |cannot resolve |bad address |could not find host )[‘'\"]?([^\s:'’\"]+)|^([^\s:]+): "
)


class _Run:
    """One run of ping: what it told, and its answers until they can be placed in time."""

    def __init__(self, header: Header | None) -> None:
        self.header = header
        self.name = header.name if header else ""
        self.counts: Counts | None = None
        self.round_trip: RoundTrip | None = None
        self.replies = self.duplicates = self.silences = 0
        self.failures: list[str] = []
        # Places in the sequence and round trips: half a day of packets must not become millions of objects.
        self._places, self._trips, self._stamps = array("q"), array("d"), array("q")
        self._events: list[tuple[int, Event]] = []
        self._offset = self._newest = 0
        self._sum, self._least, self._most = 0.0, float("inf"), 0.0

    def reply(self, reply: Reply, time: int | None) -> None:
        """An answer; one that came twice is counted, not measured again."""
        if reply.is_duplicate:
            self.duplicates += 1
            return
        self.replies += 1
        place = self._place(reply.seq)
        if reply.rtt is None:
            return
        self._places.append(place)
        self._trips.append(reply.rtt)
        if time is not None and len(self._stamps) == len(self._trips) - 1:
            self._stamps.append(time)
        self._sum += reply.rtt
        self._least, self._most = min(self._least, reply.rtt), max(self._most, reply.rtt)

    def event(self, seq: int | None, text: str, level: str, line: int, time: int | None) -> None:
        """Something other than an answer."""
        fields = {"destination": self.destination} | ({} if seq is None else {"seq": seq})
        event = Event(time=time or 0, text=text, source="ping", line=line, precision=1_000, level=level, fields=fields)
        self._events.append((self._place(seq), event))

    @property
    def destination(self) -> str:
        """The name that was asked for, else the address."""
        return self.name or (self.header.ip if self.header else "")

    def events(self, end: int) -> Iterator[Event]:
        """What was not an answer; ``end`` is when the last packet counts as sent, where ping told no times."""
        for place, event in self._events:
            known = event.time or end - (self._newest - place) * self.interval
            precision = event.precision if event.time else NS_PER_SECOND
            yield Event(known, event.text, "ping", event.line, precision, level=event.level, fields=event.fields)

    def samples(self, end: int) -> tuple[array[int], array[float]]:
        """Times and round trips, in the order of the packets."""
        if self.is_stamped:
            return self._stamps, self._trips
        interval, newest = self.interval, self._newest
        return array("q", (end - (newest - place) * interval for place in self._places)), self._trips

    def begin(self, end: int) -> int:
        """When the run began, if its last packet was sent at ``end``."""
        first = min(self._places, default=self._newest)
        return end - (self._newest - first + 1) * self.interval

    @property
    def is_stamped(self) -> bool:
        """Whether every answer carries its time."""
        return 0 < len(self._stamps) == len(self._trips)

    @property
    def interval(self) -> int:
        """Between packets, ns: measured if the statistics tell, else ping's own default."""
        if self.counts and self.counts.time and self.counts.transmitted > 1:
            return int(self.counts.time * 1_000_000 / (self.counts.transmitted - 1))
        return NS_PER_SECOND

    def facts(self) -> dict[str, Any]:
        """``rtt_ms`` is ping's own summary; of a file without one (``is_complete`` false), what its lines add up to."""
        trip = self.round_trip or self._added_up()
        counts = self.counts
        facts = {
            "destination": self.destination,
            "ip": self.header.ip if self.header else None,
            "source": self.header.source if self.header else None,
            "transmitted": counts.transmitted if counts else None,
            "received": counts.received if counts else None,
            "loss_percent": self._loss(),
            "duplicates": max(self.duplicates, counts.duplicates if counts else 0),
            "errors": counts.errors if counts else None,
            "time_ms": counts.time if counts else None,
            "rtt_ms": {key: value for key, value in trip._asdict().items() if value is not None} if trip else None,
            "replies": self.replies,
            "unanswered": self.silences,
            "is_complete": counts is not None,
            "failure": "; ".join(self.failures[:3]) or None,
        }
        return {key: value for key, value in facts.items() if value not in (None, "")}

    def _loss(self) -> float | None:
        counts = self.counts
        if counts is None:
            return None
        if counts.loss is not None or not counts.transmitted:
            return counts.loss
        return round(100 * (1 - counts.received / counts.transmitted), 6)

    def _added_up(self) -> RoundTrip | None:
        measured = len(self._trips)
        return RoundTrip(self._least, round(self._sum / measured, 6), self._most, None) if measured else None

    def _place(self, seq: int | None) -> int:
        """The packet's place from the beginning, past the wrap of its number; the next one where none is told."""
        if seq is None:
            self._newest += 1
            return self._newest
        if seq + self._offset < self._newest - WRAP // 2:
            self._offset += WRAP
        place = seq + self._offset
        self._newest = max(self._newest, place)
        return place


def parse(source: Source, hints: Hints) -> Reading:
    """The samples and events of every run in the file. Raises ``ParseError`` for text that is not ping's."""
    tally, runs = Tally(), [_Run(None)]
    for number, line in enumerate(source.lines(), 1):
        tally.total += 1
        time, found = said(line)
        if found is None:
            tally.skip(number, line)
            continue
        if isinstance(found, Header) and _is_begun(runs[-1]):
            runs.append(_Run(None))
        _take(runs[-1], found, number, time)
    if not _is_begun(runs[-1]):
        raise ParseError("No output of ping: no reply, statistics or message of it", "line 1", "no_ping")
    yield from _records(runs, hints.received_at)
    several = {"runs": [run.facts() for run in runs[:SHOWN]], "run_count": len(runs)} if len(runs) > 1 else {}
    clock = "wall" if all(run.is_stamped for run in runs) else "received"
    return Parsed(
        parser=PARSER,
        host=HostFacts(hints.host) if hints.host else None,
        lines=tally.lines(),
        facts={"clock": clock, **runs[0].facts(), **several, **tally.facts()},
    )


def recognise(head: bytes) -> bool:
    """A line that only ping writes among the first, or nothing but its message of failure."""
    beginning = b"\n".join(head[:16_384].splitlines()[:20])
    lines = [line for line in beginning.splitlines() if line.strip()]
    return bool(_ANYWHERE.search(beginning)) or (0 < len(lines) <= 5 and all(_FAILED.match(line) for line in lines))


def _records(runs: Sequence[_Run], received_at: int) -> Iterator[Event | SampleSeries]:
    """Every run's events, then the round trips by destination: runs follow each other, the last ends on receipt."""
    ends, end = [], received_at
    for run in reversed(runs):
        ends.append(end)
        end = run.begin(end)
    series: dict[str, list[tuple[array[int], array[float]]]] = defaultdict(list)
    for run, end in zip(runs, reversed(ends), strict=True):
        yield from run.events(end)
        series[run.destination].append(run.samples(end))
    for destination, parts in series.items():
        times, trips = parts[0]
        if len(parts) > 1:
            times = array("q", chain.from_iterable(part[0] for part in parts))
            trips = array("d", chain.from_iterable(part[1] for part in parts))
        yield from _pieces(destination, times, trips)


def _pieces(destination: str, times: array[int], trips: array[float]) -> Iterator[SampleSeries]:
    """A series in pieces, sorted if answers came out of order."""
    if any(after < before for before, after in pairwise(times)):
        order = sorted(range(len(times)), key=times.__getitem__)
        times, trips = array("q", (times[n] for n in order)), array("d", (trips[n] for n in order))
    for begin in range(0, len(times), PIECE):
        end = begin + PIECE
        yield SampleSeries("ping.rtt_ms", destination, times[begin:end].tolist(), trips[begin:end].tolist())


def _is_begun(run: _Run) -> bool:
    return bool(run.header or run.replies or run.counts or run.failures or run.silences)


def _take(run: _Run, found: Said, line: int, time: int | None) -> None:
    if isinstance(found, Header):
        run.header, run.name = found, found.name
    elif isinstance(found, Reply):
        run.reply(found, time)
    elif isinstance(found, Silence):
        run.silences += 1
        run.event(found.seq, found.text, "warning", line, time)
    elif isinstance(found, Trouble):
        if found.is_fatal:
            run.failures.append(found.text)
            host = _HOST.search(found.text)
            run.name = run.name or ((host[1] or host[2]) if host else "")
        run.event(found.seq, found.text, "error", line, time)
    elif isinstance(found, Title):
        run.name = run.name or found.name
    elif isinstance(found, Counts):
        run.counts = found
    elif isinstance(found, RoundTrip):
        run.round_trip = found
