"""The way to a host, hop by hop: ``traceroute`` (Linux, macOS, the BSDs, BusyBox), ``tracepath``, ``tracert``, ``mtr``.

::

    traceroute to google.com (216.58.194.46), 30 hops max, 40 byte packets
     1  gw.example.net (216.230.231.141) [AS1739]  198.574 ms  *  198.650 ms !H
     2  * * *
     3  72.14.242.34 (72.14.242.34)  4.932 ms  4.945 ms  4.951 ms

``facts["hops"]``, a table a hop: ``{"hop", "probes": [{"ip", "name", "asn", "rtt_ms", "annotation"}], "timeouts"}``,
of mtr (see ``mtr``) the figures it gives. ``reached`` says if the destination answered (absent where none is named),
``last_answer`` which hop was the last that did.
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.kubernetes.stamps import MONTHS
from diagnostics.parsers.mtr import HOST, Report, from_csv, from_json
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.parsers.timestamps import plausible
from diagnostics.parsers.traceroute_lines import failure_of, header_of, hop_of, is_noise, probes_of
from diagnostics.records import NS_PER_SECOND, Event, HostFacts, Parsed, ParseError

PARSER = "traceroute/1"
MOST_HOPS = 1_000  # no way is that long: a file with more is something else
_FLAGS = {
    "!H": "host unreachable",
    "!N": "network unreachable",
    "!P": "protocol unreachable",
    "!X": "communication prohibited",
    "!A": "communication prohibited",
    "!F": "fragmentation needed",
    "!S": "source route failed",
}
_TRACEPATH = re.compile(rb"^ ?1\??: +(?:\[LOCALHOST\]|\S+ +[\d.]+ms|.*pmtu \d+)", re.MULTILINE)
_BEGINNING = re.compile(
    rb"^(?:(?:tcp)?traceroute6? to \S+|Tracing route to \S+|HOST: \S+ +Loss%|Mtr_Version,|MTR\.\d)", re.MULTILINE
)
_FAILED = re.compile(
    rb"(?:\S*/)?(?:traceroute6?|tracepath6?|mtr): \S|Unable to resolve target system name "
    rb"|Cannot handle \"host\" cmdline arg"
)
# Standard output alone has no header: the BSDs and macOS print that as an error.
_HOPS = re.compile(
    rb"^ {0,2}1 {1,3}(?:\* *|[^\s|]+ (?:\([^()\s]+\) )?(?:\[\S+\] )? ?[\d.]+ ms)(?=\s|$)[^\n]*\n"
    rb"(?:(?: {4,}[^\n]*| {0,2}1 [^\n]*)\n)*(?: {0,2}2 {1,3}\S[^\n]*(?: ms|\*)|$)"
)
_START = re.compile(r"(?:\w{3} (\w{3}) +(\d+) (\d+:\d+:\d+) (\d{4})|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([+-]\d{4})?)")


class _Way:
    """What the file told so far."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.facts: dict[str, Any] = {}
        self.hops: list[dict[str, Any]] = []
        self.failures: list[tuple[int, str]] = []
        self.lines: dict[int, int] = {}


def parse(source: Source, hints: Hints) -> Reading:
    """The hops as facts; events for a way that ends before its destination, refusals and names that are not known.

    Raises ``ParseError`` for text of another program.
    """
    way, head = _Way(), source.head().lstrip()
    if head[:1] == b"{":
        way.facts, way.hops = from_json(source.read())
        way.tally.total = len(way.hops)
    elif head.startswith((b"Mtr_Version", b"MTR.")):
        _read_csv(way, source)
    elif re.search(rb"^HOST: ", head, re.MULTILINE):
        _read_report(way, source)
    else:
        _read_text(way, source)
    if not way.hops and not way.failures and "destination" not in way.facts:
        raise ParseError("No output of traceroute, tracepath, tracert or mtr", "line 1", "no_traceroute")
    time = _time(way.facts.pop("start", None), hints)
    _judge(way)
    at = hints.received_at if time is None else time
    for line, text, level in _incidents(way):
        yield Event(at, text, "traceroute", line, NS_PER_SECOND, level=level, fields=_about(way))
    facts = {"clock": "received" if time is None else "wall", **way.facts, "hops": way.hops, **way.tally.facts()}
    name = hints.host or (str(way.facts.get("source", "")) if way.facts.get("tool") == "mtr" else "")
    return Parsed(parser=PARSER, host=HostFacts(name) if name else None, lines=way.tally.lines(), facts=facts)


def recognise(head: bytes) -> bool:
    """The first line of one of the programs among the first of the file, or mtr's JSON."""
    beginning = b"\n".join(head[:8_192].lstrip(b" \t\r\n\xef\xbb\xbf").splitlines()[:12])
    if beginning[:1] == b"{":
        return b'"report"' in head[:4096] and b'"mtr"' in head[:4096]
    lines = [line for line in beginning.splitlines() if line.strip()]
    failed = 0 < len(lines) <= 5 and any(map(_FAILED.match, lines)) and not _BEGINNING.search(beginning)
    is_bare = b" ms" in beginning and bool(_HOPS.match(beginning.replace(b"\r", b"")))
    return bool(_BEGINNING.search(beginning)) or bool(_TRACEPATH.search(beginning)) or failed or is_bare


def _read_text(way: _Way, source: Source) -> None:
    is_second = False
    for number, line in enumerate(source.lines(), 1):
        way.tally.total += 1
        text = line.expandtabs()
        header = header_of(text) or {}
        # One file, one way: the hops of a second run are no part of it.
        is_second = is_second or (bool(way.hops) and "destination" in header)
        if is_second and text.strip():
            way.tally.skip(number, line)
        elif header:
            way.facts |= header
        elif failure := failure_of(text):
            way.failures.append((number, failure))
        elif is_noise(text):
            continue
        elif hop := hop_of(text):
            _add(way, hop, number)
        elif way.hops and text[:1] == " " and (more := probes_of(text.strip())):
            # BSDs go on on a new line when another host answers.
            way.hops[-1]["probes"] += more["probes"]
            way.hops[-1]["timeouts"] += more["timeouts"]
        else:
            way.tally.skip(number, line)


def _read_report(way: _Way, source: Source) -> None:
    report = Report()
    for number, line in enumerate(source.lines(), 1):
        way.tally.total += 1
        known = len(report.hops)
        is_second = bool(report.hops) and HOST.fullmatch(line.strip())
        if is_second or (line.strip() and not report.read(line.expandtabs())):
            way.tally.skip(number, line)
        if len(report.hops) > known:
            way.lines[report.hops[-1]["hop"]] = number
    way.facts, way.hops = report.facts, report.hops


def _read_csv(way: _Way, source: Source) -> None:
    lines, copies = itertools.tee(source.lines())
    for number, (line, (facts, hop)) in enumerate(zip(lines, from_csv(copies), strict=False), 1):
        way.tally.total += 1
        if facts and way.facts.get("destination") in (None, facts["destination"]) and hop:
            way.facts |= facts
            _add(way, hop, number)
        elif line.strip() and (hop is None or facts):
            way.tally.skip(number, line)


def _add(way: _Way, hop: dict[str, Any], line: int) -> None:
    if len(way.hops) >= MOST_HOPS:
        raise ParseError(f"More than {MOST_HOPS} hops: this is no way to a host", f"line {line}", "no_traceroute")
    known = way.hops[-1] if way.hops and way.hops[-1]["hop"] == hop["hop"] else None
    if known and "probes" in known:
        # tracepath asks a hop more than once, each time on a line of its own.
        known["probes"] += hop.pop("probes")
        known["timeouts"] += hop.pop("timeouts")
        known |= hop
        return
    way.hops.append(hop)
    way.lines[hop["hop"]] = line


def _judge(way: _Way) -> None:
    """Whether the destination answered, and which hop was the last that did."""
    answered = [hop for hop in way.hops if _answers(hop)]
    facts = way.facts
    if facts.get("tool") == "mtr" and answered and "destination" not in facts:
        facts["destination"] = way.hops[-1].get("host", "")
    facts["hop_count"], facts["hops_no_answer"] = len(way.hops), len(way.hops) - len(answered)
    if not answered:
        facts |= {"reached": False} if way.hops else {}
        return
    last = answered[-1]
    facts["last_answer"] = last["hop"]
    ends = {facts.get("destination"), facts.get("ip")} - {None, ""}
    hosts = {last.get(key) for key in ("host", "ip")} | {
        probe.get(key) for probe in last.get("probes", []) if "annotation" not in probe for key in ("ip", "name")
    }
    is_last = last is way.hops[-1]
    if not ends and facts.get("tool") != "mtr" and not any("mtu" in hop for hop in way.hops):
        # Without a header nobody knows where it was to end.
        return
    # A report of mtr ends with its destination, by whatever name; of one that never answers, with ???.
    facts["reached"] = last.get("reached", False) or bool(ends & hosts) or (facts.get("tool") == "mtr" and is_last)


def _answers(hop: dict[str, Any]) -> bool:
    return bool(hop.get("probes")) if "probes" in hop else "host" in hop and hop.get("loss_percent") != 100


def _incidents(way: _Way) -> list[tuple[int | None, str, str]]:
    found: list[tuple[int | None, str, str]] = [(line, text, "error") for line, text in way.failures]
    to = way.facts.get("destination", "the destination")
    for hop in way.hops:
        for flag in dict.fromkeys(probe.get("annotation", "") for probe in hop.get("probes", [])):
            if flag:
                says = _FLAGS.get(flag[:2], flag)
                found.append((way.lines.get(hop["hop"]), f"Hop {hop['hop']} on the way to {to}: {says}", "warning"))
    if way.facts.get("reached") is False:
        last = way.facts.get("last_answer")
        words = f"nothing answers after hop {last}" if last else "no hop answers"
        words = f"the trace ends at hop {last}" if last == way.hops[-1]["hop"] else words
        found.append((way.lines.get(last or 1), f"{to} was not reached: {words}", "warning"))
    return found


def _about(way: _Way) -> dict[str, Any]:
    return {key: way.facts[key] for key in ("destination", "ip", "last_answer") if key in way.facts}


def _time(start: object, hints: Hints) -> int | None:
    """When mtr began: epoch seconds, ``Mon Nov 23 10:00:00 2026`` or ISO, in the zone of the hints without one."""
    text = str(start or "").strip()
    try:
        if text.isdecimal():
            return plausible(int(text) * NS_PER_SECOND, "", hints.received_at)
        match = _START.fullmatch(text)
        if match is None:
            return None
        if match[5]:
            moment = datetime.fromisoformat(match[5] + (match[6] or ""))
        else:
            hour, minute, second = map(int, match[3].split(":"))
            moment = datetime(int(match[4]), MONTHS[match[1]], int(match[2]), hour, minute, second)  # noqa: DTZ001
        moment = moment if moment.tzinfo else moment.replace(tzinfo=hints.zone)
        return plausible(int(moment.astimezone(UTC).timestamp()) * NS_PER_SECOND, "", hints.received_at)
    except (ValueError, KeyError, OverflowError, ParseError):
        return None
