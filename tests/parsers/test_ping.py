"""Round trips: every collected file as it is known to be, and what other pings print."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.parsers import Hints, Source, collect, ping
from diagnostics.records import Parsed, ParseError
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

RECEIVED = 1_795_500_000_000_000_000
SECOND = 1_000_000_000
# The collection's names for what the facts hold.
KNOWN = {
    "destination": "destination",
    "destination_ip": "ip",
    "packets_transmitted": "transmitted",
    "packets_received": "received",
    "packet_loss_percent": "loss_percent",
    "duplicates": "duplicates",
    "time_ms": "time_ms",
    "transmitted": "transmitted",
    "received": "received",
    "loss_percent": "loss_percent",
}


def parse(content: bytes | str) -> Parsed:
    content = content.encode() if isinstance(content, str) else content
    return collect(ping.parse(Source.of(content), Hints(RECEIVED)))


@here_only
@pytest.mark.parametrize("name", names("net", "ping"))
def test_samples(name: str) -> None:
    known, parsed = expected(f"net/{name}"), parse((SAMPLES / "net" / name).read_bytes())
    facts = parsed.facts

    assert parsed.lines.skipped == 0
    assert {key: facts.get(ours) for key, ours in KNOWN.items() if key in known} == {
        key: known[key] for key in KNOWN if key in known
    }
    for bound in ("min", "avg", "max"):
        if f"round_trip_ms_{bound}" in known:
            assert facts["rtt_ms"][bound] == known[f"round_trip_ms_{bound}"]
    if known.get("no_statistics"):
        assert (parsed.samples, [one.level for one in parsed.events]) == ([], ["error"])
        assert facts["failure"] == "no.such.host.invalid: Name or service not known"
    else:
        (series,) = parsed.samples
        assert (series.metric, series.instance) == ("ping.rtt_ms", facts["destination"])
        assert len(series.values) == facts["received"]
        assert max(series.values) == pytest.approx(facts["rtt_ms"]["max"], rel=0.01)


@here_only
def test_stamps_of_the_file_are_its_times() -> None:
    parsed = parse((SAMPLES / "net/jc-centos-7.7-ping6-ip-O-D-p.txt").read_bytes())
    assert parsed.facts["clock"] == "wall"
    assert parsed.samples[0].times[0] == 1_594_976_827_240_914_000
    (event,) = parsed.events
    assert (event.time, event.precision, event.fields["seq"]) == (1_594_976_842_269_238_000, 1_000, 15)


def test_without_stamps_the_last_packet_was_sent_on_receipt() -> None:
    parsed = parse(
        "PING h (1.2.3.4) 56(84) bytes of data.\n"
        "64 bytes from 1.2.3.4: icmp_seq=1 ttl=59 time=1.5 ms\n"
        "64 bytes from 1.2.3.4: icmp_seq=3 ttl=59 time=2.5 ms\n"
        "\n--- h ping statistics ---\n3 packets transmitted, 2 received, 33.3333% packet loss, time 400ms\n"
    )
    assert parsed.facts["clock"] == "received"
    assert parsed.samples[0].times == [RECEIVED - 400_000_000, RECEIVED]
    assert parsed.facts["loss_percent"] == 33.3333


BUSYBOX = """PING example.com (93.184.216.34): 56 data bytes
64 bytes from 93.184.216.34: seq=0 ttl=55 time=12.345 ms
64 bytes from 93.184.216.34: seq=1 ttl=55 time=13.345 ms

--- example.com ping statistics ---
2 packets transmitted, 2 packets received, 0% packet loss
round-trip min/avg/max = 12.345/12.845/13.345 ms
"""
WINDOWS = """
Pinging google.com [142.250.1.1] with 32 bytes of data:\r
Reply from 142.250.1.1: bytes=32 time=14ms TTL=116\r
Request timed out.\r
Reply from 10.0.0.1: Destination host unreachable.\r
\r
Ping statistics for 142.250.1.1:\r
    Packets: Sent = 3, Received = 2, Lost = 1 (33% loss),\r
Approximate round trip times in milli-seconds:\r
    Minimum = 14ms, Maximum = 14ms, Average = 14ms\r
"""
MACOS = """PING 10.9.9.9 (10.9.9.9): 56 data bytes
Request timeout for icmp_seq 0
92 bytes from 10.0.0.1: Destination Host Unreachable
Vr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst
 4  5  00 5400 1234   0 0000  40  01 0000 10.0.0.2  10.9.9.9

64 bytes from 10.9.9.9: icmp_seq=1 ttl=64 time=1.000 ms
64 bytes from 10.9.9.9: icmp_seq=1 ttl=64 time=1.900 ms (DUP!)

--- 10.9.9.9 ping statistics ---
2 packets transmitted, 1 packets received, +1 duplicates, 50.0% packet loss
round-trip min/avg/max/stddev = 1.000/1.450/1.900/0.450 ms
"""
LOST = """PING 10.9.9.9 (10.9.9.9) from 10.0.0.2 eth0: 56(84) bytes of data.
From 10.0.0.1 icmp_seq=1 Destination Host Unreachable
From gw.lan (10.0.0.1) icmp_seq=2 Packet filtered

--- 10.9.9.9 ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1020ms
pipe 2
"""


@pytest.mark.parametrize(
    ("text", "facts", "values", "levels"),
    [
        (BUSYBOX, {"ip": "93.184.216.34", "rtt_ms": {"min": 12.345, "avg": 12.845, "max": 13.345}}, 2, []),
        (WINDOWS, {"destination": "google.com", "transmitted": 3, "loss_percent": 33.0}, 1, ["warning", "error"]),
        (MACOS, {"duplicates": 1, "loss_percent": 50.0, "replies": 1, "unanswered": 1}, 1, ["warning", "error"]),
        (LOST, {"source": "10.0.0.2", "errors": 2, "loss_percent": 100.0, "received": 0}, 0, ["error", "error"]),
    ],
)  # fmt: skip
def test_other_programs(text: str, facts: dict[str, Any], values: int, levels: list[str]) -> None:
    parsed = parse(text)

    assert facts.items() <= parsed.facts.items()
    assert sum(len(one.values) for one in parsed.samples) == values
    assert [one.level for one in parsed.events] == levels
    assert not parsed.lines.skipped


VERBOSE = """ping: sock4.fd: 3 (socktype: SOCK_RAW), sock6.fd: 4 (socktype: SOCK_RAW), hints.ai_family: AF_UNSPEC

ai->ai_family: AF_INET, ai->ai_canonname: '127.0.0.1'
PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ident=2109 ttl=64 time=0.024 ms

--- 127.0.0.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.024/0.024/0.024/0.000 ms
"""
FLOOD = """PING  (100.68.105.124) 56(84) bytes of data.
.\x08 \x08.\x08 \x08
---  ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.002/0.006/0.016/0.006 ms, ipg/ewma 0.021/0.012 ms
"""
LINK_LOCAL = """PING ff02::1%en0(ff02::1%en0) 56 data bytes
64 bytes from fe80::1%en0: icmp_seq=1 ttl=64 time=0.3 ms
"""


@pytest.mark.parametrize(
    ("text", "facts", "values"),
    [
        (VERBOSE, {"ip": "127.0.0.1", "received": 1, "replies": 1}, [0.024]),
        (FLOOD, {"ip": "100.68.105.124", "received": 2}, []),
        (LINK_LOCAL, {"ip": "ff02::1%en0", "replies": 1}, [0.3]),
    ],
)
def test_options_of_ping(text: str, facts: dict[str, Any], values: list[float]) -> None:
    parsed = parse(text)
    assert facts.items() <= parsed.facts.items()
    assert [value for one in parsed.samples for value in one.values] == values
    assert (parsed.lines.skipped, list(parsed.events)) == (0, [])


def test_a_file_without_statistics_says_what_its_lines_add_up_to() -> None:
    parsed = parse(
        "PING h (1.2.3.4) 56(84) bytes of data.\n"
        "64 bytes from 1.2.3.4: icmp_seq=1 ttl=59 time=1 ms\n64 bytes from 1.2.3.4: icmp_seq=2 ttl=59 time=3 ms\n64 by"
    )
    assert parsed.facts["is_complete"] is False
    assert parsed.facts["rtt_ms"] == {"min": 1, "avg": 2, "max": 3}
    assert "transmitted" not in parsed.facts
    assert parsed.facts["unread"] == [{"line": 4, "text": "64 by"}]


def test_several_runs_follow_each_other() -> None:
    parsed = parse(BUSYBOX + BUSYBOX + LOST)

    assert [run["destination"] for run in parsed.facts["runs"]] == ["example.com", "example.com", "10.9.9.9"]
    (series,) = parsed.samples
    assert len(series.times) == 4
    assert series.times == sorted(set(series.times))


def test_numbers_of_packets_may_begin_again() -> None:
    reply = "64 bytes from 1.2.3.4: icmp_seq={} ttl=59 time=1 ms\n"
    parsed = parse("PING h (1.2.3.4) 56(84) bytes of data.\n" + "".join(reply.format(n) for n in (65534, 65535, 0, 1)))
    assert parsed.samples[0].times == [RECEIVED - n * SECOND for n in (3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ping: unknown host nohost\n", "nohost"),
        ("ping: cannot resolve nohost: Unknown host\n", "nohost"),
        ("ping: bad address 'nohost'\n", "nohost"),
        ("ping: nohost: Temporary failure in name resolution\n", "nohost"),
        ("Ping request could not find host nohost. Please check the name and try again.\n", "nohost."),
        ("ping: connect: Network is unreachable\n", "connect"),
    ],
)
def test_a_failure_is_an_event(text: str, name: str) -> None:
    (event,) = parse(text).events
    assert (event.level, event.time, event.line) == ("error", RECEIVED, 1)
    assert parse(text).facts["destination"] == name


@pytest.mark.parametrize("content", ["", "hello\n", "64 bytes of nothing\n"])
def test_other_files_are_refused(content: str) -> None:
    with pytest.raises(ParseError):
        parse(content)
