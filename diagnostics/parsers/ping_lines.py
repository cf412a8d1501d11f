"""What a line of ``ping`` says: of iputils, busybox, macOS, the BSDs and Windows, IPv4 and IPv6."""

from __future__ import annotations

import re
from typing import NamedTuple

_STAMP = r"(?:\[(?P<epoch>\d{9,11}\.\d{1,9})\] )?"
_TIMES = re.compile(_STAMP + "(?P<rest>.*)", re.DOTALL)
_HEADERS = (
    # PING host (1.2.3.4) 56(84) bytes of data. · PING host(host (2a04::1)) from ::2 eth0: 56 data bytes
    re.compile(
        r"PING6? (?P<name>[^\s(]*) ?\((?:[^\s()]+ \()?(?P<ip>[^\s()]+)\)+"
        r"(?: from (?P<source>\S+)(?: \S+)?)? ?:? ?(?P<size>\d+)(?:\(\d+\))?(?: data)? (?:data )?bytes.*"
    ),
    # PING6(56=40+8+8 bytes) ::2 --> ::1
    re.compile(r"PING6?\((?P<size>\d+)=\S* bytes\) (?P<source>\S+) --> (?P<ip>\S+)"),
    re.compile(r"PING (?P<name>[^\s(:]+): (?P<size>\d+) data bytes"),
    # Pinging host [1.2.3.4] with 32 bytes of data: · Pinging 1.2.3.4 with 32 bytes of data:
    re.compile(
        r"Pinging (?P<name>\S+)(?: \[(?P<ip>[^\]]+)\])?(?: from (?P<source>\S+))? with (?P<size>\d+) bytes of data:"
    ),
)
_REPLY = re.compile(
    r"\d+ bytes from (?P<from>.+?)[:,] (?:icmp_[rs]eq|seq)=(?P<seq>\d+)(?: ident=\d+)?(?: (?:ttl|hlim)=\d+)?"
    r"(?: time[=<](?P<rtt>[\d.]+) ?(?P<unit>ms|msec|us|sec|s)?)?(?P<flags>.*)"
)
_WINDOWS_REPLY = re.compile(
    r"Reply from (?P<from>\S+): (?:bytes=\d+ )?time(?P<sign>[=<])(?P<rtt>[\d.]+) ?ms(?: TTL=\d+)?\s*(?P<flags>)"
)
_SILENCES = (
    re.compile(r"no answer yet for icmp_[rs]eq=(?P<seq>\d+)"),
    re.compile(r"Request timeout for icmp_seq (?P<seq>\d+)"),
    re.compile(r"Request timed out\.(?P<seq>)"),
)
_TROUBLES = (
    # From 10.0.0.1 icmp_seq=1 Destination Host Unreachable · 92 bytes from 10.0.0.1: Time to live exceeded
    re.compile(r"From (?P<from>\S+?)(?: \([^)]*\))?:? (?:icmp_seq=(?P<seq>\d+) )?(?P<text>[A-Z].*)"),
    re.compile(r"\d+ bytes from (?P<from>\S+?)(?: \([^)]*\))?: (?P<seq>)(?P<text>[A-Z][A-Za-z].*)"),
    re.compile(r"Reply from (?P<from>\S+): (?P<seq>)(?P<text>[A-Z].*)"),
)
_FAILURES = (
    re.compile(r"(?:\S*/)?ping6?(?:\.exe)?: (?P<text>.+)"),
    re.compile(r"(?P<text>Ping request could not find host .+|PING: transmit failed.*|General failure\.)"),
    re.compile(r"(?P<text>connect: .+|Destination (?:host|net) unreachable\.)"),
)
_TITLE = re.compile(r"--- (?P<name>.*?) ?ping6? statistics ---|Ping statistics for (?P<ip>[^:]\S*):")
_COUNTS = re.compile(r"(?P<transmitted>\d+) packets? transmitted, (?P<received>\d+) (?:packets? )?received(?P<rest>.*)")
_WINDOWS_COUNTS = re.compile(
    r"\s*Packets: Sent = (?P<transmitted>\d+), Received = (?P<received>\d+), Lost = \d+(?P<rest>.*)"
)
_RTT = re.compile(
    r"(?:rtt|round-trip) min/avg/max(?:/(?:mdev|stddev|std-dev))? = (?P<values>[\d./nan-]+) ?(?P<unit>ms|us|s)?.*"
)
_WINDOWS_RTT = re.compile(r"\s*Minimum = (?P<min>\d+)ms, Maximum = (?P<max>\d+)ms, Average = (?P<avg>\d+)ms")
_NOISE = re.compile(
    r"\s*$|PATTERN: |\^C|Approximate round trip|Control-C|WARNING|-- |Vr HL TOS|\s*[0-9a-f]+\s+[0-9a-f]+\s+[0-9a-f]+ "
    r"|\d+/\d+ packets, |wrong data byte|[.E\x08 ]+$"
    r"|pipe \d+$|ping: sock\w*\.fd: |ai->ai_family"
)
_UNITS = {"us": 0.001, "s": 1000.0, "sec": 1000.0}


class Header(NamedTuple):
    """The beginning of a run of ping."""

    name: str
    ip: str
    source: str
    size: int


class Reply(NamedTuple):
    """An answer; ``rtt`` in ms is ``None`` for packets too small to carry a time. Windows does not number them."""

    seq: int | None
    rtt: float | None
    is_duplicate: bool


class Silence(NamedTuple):
    """A packet that was not answered in time."""

    seq: int | None
    text: str


class Trouble(NamedTuple):
    """An answer that is a refusal, or a failure before anything was sent (``is_fatal``)."""

    seq: int | None
    text: str
    is_fatal: bool = False


class Title(NamedTuple):
    """The line over the statistics, which names the destination again."""

    name: str


class Counts(NamedTuple):
    """Packets of the statistics; ``time`` in ms, ``None`` where ping does not tell."""

    transmitted: int
    received: int
    loss: float | None
    duplicates: int
    errors: int
    time: float | None


class RoundTrip(NamedTuple):
    """Round trips of the statistics, ms."""

    min: float
    avg: float
    max: float
    mdev: float | None


class Noise(NamedTuple):
    """A line that belongs to ping and says nothing to keep."""


Said = Header | Reply | Silence | Trouble | Title | Counts | RoundTrip | Noise


def said(line: str) -> tuple[int | None, Said | None]:
    """The stamp of a line (ns; only ``ping -D`` writes one) and what it says, ``None`` if it is not one of ping's."""
    match = _TIMES.fullmatch(line)
    assert match
    epoch, _, fraction = (match["epoch"] or "").partition(".")
    time = int(epoch) * 1_000_000_000 + int(fraction.ljust(9, "0")) if epoch else None
    rest = match["rest"].strip()
    return time, _packet(rest) or _statistics(rest) or _failure(rest)


def header_of(text: str) -> Header | None:
    """The first line of a run."""
    for pattern in _HEADERS:
        if match := pattern.fullmatch(text):
            parts = match.groupdict("")
            # What is named by its address has no other name.
            name, ip = parts.get("name", ""), parts.get("ip", "")
            return Header(name, ip or name, parts.get("source", ""), int(parts["size"]))
    return None


def _packet(text: str) -> Said | None:
    if match := _REPLY.match(text) or _WINDOWS_REPLY.match(text):
        rtt = match["rtt"]
        unit = match.groupdict().get("unit")
        flags = match["flags"]
        value = float(rtt) * _UNITS.get(unit or "", 1.0) if rtt and rtt.count(".") < 2 and rtt != "." else None
        return Reply(_number(match.groupdict().get("seq")), value, "DUP!" in flags)
    for pattern in _SILENCES:
        if match := pattern.fullmatch(text):
            return Silence(_number(match["seq"]), text)
    if found := header_of(text):
        return found
    for pattern in _TROUBLES:
        if match := pattern.fullmatch(text):
            return Trouble(_number(match["seq"]), f"{match['text']} (from {match['from'].rstrip(':')})")
    return None


def _statistics(text: str) -> Said | None:
    if match := _TITLE.fullmatch(text):
        return Title(match["name"] or match["ip"] or "")
    if match := _COUNTS.fullmatch(text) or _WINDOWS_COUNTS.fullmatch(text):
        rest = match["rest"]
        loss, time = _found(r"([\d.]+)% (?:packet )?loss", rest), _found(r"time (\d+) ?ms", rest)
        duplicates, errors = _found(r"\+?(\d+) duplicates", rest), _found(r"\+(\d+) errors", rest)
        counts = (int(match["transmitted"]), int(match["received"]))
        return Counts(*counts, loss, int(duplicates or 0), int(errors or 0), time)
    if match := _WINDOWS_RTT.fullmatch(text):
        return RoundTrip(float(match["min"]), float(match["avg"]), float(match["max"]), None)
    if match := _RTT.fullmatch(text):
        return _round_trip(match["values"].split("/"), _UNITS.get(match["unit"] or "", 1.0))
    return None


def _round_trip(values: list[str], unit: float) -> RoundTrip | None:
    try:
        numbers = [round(float(value) * unit, 6) for value in values]
    except ValueError:
        return None
    if len(numbers) not in (3, 4):
        return None
    # BusyBox tells no deviation; that of a single packet may be "nan".
    mdev = numbers[3] if len(numbers) == 4 and numbers[3] == numbers[3] else None
    return RoundTrip(numbers[0], numbers[1], numbers[2], mdev)


def _failure(text: str) -> Said | None:
    if _NOISE.match(text):
        return Noise()
    for pattern in _FAILURES:
        if match := pattern.fullmatch(text):
            words = match["text"]
            return Noise() if words.lower().startswith("warning") else Trouble(None, words, is_fatal=True)
    return None


def _found(pattern: str, text: str) -> float | None:
    match = re.search(pattern, text)
    return float(match[1]) if match else None


def _number(text: str | None) -> int | None:
    return int(text) if text else None
