"""Ways to hosts: every collected file as it is known to be, and the other programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diagnostics.parsers import Hints, Source, collect, sniff, traceroute
from diagnostics.parsers.timestamps import instant
from diagnostics.records import Kind, Parsed, ParseError
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

RECEIVED = 1_795_500_000_000_000_000


def parse(content: bytes | str) -> Parsed:
    content = content.encode() if isinstance(content, str) else content
    return collect(traceroute.parse(Source.of(content), Hints(RECEIVED)))


@here_only
@pytest.mark.parametrize("name", names("net", "traceroute"))
def test_samples(name: str) -> None:
    known, parsed = expected(f"net/{name}"), parse((SAMPLES / "net" / name).read_bytes())
    facts = parsed.facts

    assert parsed.lines.skipped == 0
    assert facts["clock"] == "received"
    if known.get("no_statistics"):
        assert (facts["reached"], facts["hop_count"]) == (True, 1)
        return
    assert [facts["destination"], facts["ip"]] == [known["destination_name"], known["destination_ip"]]
    assert [len(facts["hops"]), facts["hops_no_answer"]] == [known["hops"], known["hops_no_answer"]]
    last = facts["hops"][-1]
    assert last["hop"] == known["last_hop"]["hop"]
    assert [as_jc_reads(probe) for probe in last["probes"]] == known["last_hop"]["probes"]
    assert facts["reached"] == any(probe["ip"] == known["destination_ip"] for probe in known["last_hop"]["probes"])


def as_jc_reads(probe: dict[str, Any]) -> dict[str, Any]:
    return {"rtt": probe["rtt_ms"], **{key: probe.get(key) for key in ("annotation", "asn", "ip", "name")}}


@here_only
def test_samples_hop_by_hop() -> None:
    hops = parse((SAMPLES / "net/jc-generic-traceroute7.txt").read_bytes()).facts["hops"]
    assert [probe["ip"] for probe in hops[5]["probes"]] == ["94.142.122.45", "94.142.122.45", "94.142.122.44"]
    assert [len(hop["probes"]) + hop["timeouts"] for hop in hops] == [3] * 12

    flags = parse((SAMPLES / "net/jc-generic-traceroute1.txt").read_bytes())
    assert [probe["annotation"] for probe in flags.facts["hops"][0]["probes"]] == ["!P", "!", "!<500>"]
    assert [probe.get("asn") for probe in flags.facts["hops"][11]["probes"]] == [None, 15169, 15169]
    assert flags.events[0].text == "Hop 1 on the way to http://google.es: protocol unreachable"

    silent = parse((SAMPLES / "net/jc-centos-7.7-traceroute.txt").read_bytes())
    assert (silent.facts["last_answer"], silent.facts["max_hops"], silent.facts["packet_bytes"]) == (7, 30, 60)
    (event,) = silent.events
    assert (event.text, event.line, event.level) == (
        "www.cnn.com was not reached: nothing answers after hop 7", 8, "warning",
    )  # fmt: skip


WINDOWS = """\r
Tracing route to google.com [142.250.185.78]\r
over a maximum of 30 hops:\r
\r
  1    <1 ms    <1 ms    <1 ms  192.168.1.1\r
  2     *        *        *     Request timed out.\r
  3    10 ms     9 ms     *     core.isp.net [10.1.2.3]\r
  4    14 ms    15 ms    15 ms  fra16.1e100.net [142.250.185.78]\r
\r
Trace complete.\r
"""


def test_tracert() -> None:
    parsed = parse(WINDOWS)
    assert {
        "destination": "google.com",
        "ip": "142.250.185.78",
        "max_hops": 30,
        "reached": True,
    }.items() <= parsed.facts.items()
    assert parsed.facts["hops"][2] == {
        "hop": 3,
        "probes": [
            {"name": "core.isp.net", "ip": "10.1.2.3", "rtt_ms": 10.0},
            {"name": "core.isp.net", "ip": "10.1.2.3", "rtt_ms": 9.0},
        ],
        "timeouts": 1,
    }
    assert parsed.lines.skipped == 0


TRACEPATH = """ 1?: [LOCALHOST]                      pmtu 1500
 1:  gw.local                                              0.512ms
 1:  10.0.0.1                                              0.498ms
 2:  no reply
 3:  dns.google                                           12.300ms reached
     Resume: pmtu 1500 hops 3 back 3
"""


def test_tracepath() -> None:
    parsed = parse(TRACEPATH)
    assert [len(hop["probes"]) for hop in parsed.facts["hops"]] == [2, 0, 1]
    assert parsed.facts["hops"][0]["mtu"] == 1500
    assert (parsed.facts["reached"], parsed.facts["hops_no_answer"], parsed.lines.skipped) == (True, 1, 0)


REPORT = """Start: {}
HOST: gpu-07                      Loss%   Snt   Last   Avg  Best  Wrst StDev
  1.|-- 192.168.1.1                0.0%    10    0.5   0.6   0.4   0.9   0.1
  2.|-- ???                       100.0    10    0.0   0.0   0.0   0.0   0.0
  3. AS15169  dns.google (8.8.8.8) 10.0%    10    5.5   5.6   5.4   5.9   0.1
     |  `|-- 10.0.0.9
"""


@pytest.mark.parametrize("start", ["2026-11-23T10:00:00+0000", "Mon Nov 23 10:00:00 2026", "2026-11-23T11:00:00+0100"])
def test_a_report_of_mtr(start: str) -> None:
    parsed = parse(REPORT.format(start))

    first, silent, last = parsed.facts["hops"]
    assert [first["loss_percent"], first["sent"], first["avg_ms"], first["worst_ms"]] == [0, 10, 0.6, 0.9]
    # mtr writes zeros for what never answered.
    assert silent == {"hop": 2, "loss_percent": 100, "sent": 10}
    assert [last["host"], last["ip"], last["asn"], last["others"]] == ["dns.google", "8.8.8.8", 15169, ["10.0.0.9"]]
    assert (parsed.facts["clock"], parsed.facts["reached"], parsed.lines.skipped) == ("wall", True, 0)
    assert parsed.host is not None
    assert parsed.host.name == "gpu-07"


def test_csv_of_mtr() -> None:
    row = "MTR.0.95,1763892000,OK,8.8.8.8,{},{},{},{},10,0,0.52,0.60,0.41,0.90,0.10\n"
    header = "Mtr_Version,Start_Time,Status,Host,Hop,Ip,Asn,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,\n"
    parsed = parse(header + row.format(1, "192.168.1.1", "AS???", "0.00") + row.format(2, "???", "AS???", "100.00"))

    assert [hop.get("avg_ms") for hop in parsed.facts["hops"]] == [0.6, None]
    assert (parsed.facts["destination"], parsed.facts["reached"]) == ("8.8.8.8", False)
    (event,) = parsed.events
    assert (event.time, event.text) == (
        instant("2025-11-23T10:00:00Z", ""), "8.8.8.8 was not reached: nothing answers after hop 1",
    )  # fmt: skip


def test_csv_of_an_old_mtr_tells_microseconds() -> None:
    (hop,) = parse("MTR.0.85;1375200000;OK;google.com;1;192.168.1.1;1043\n").facts["hops"]
    assert (hop["ip"], hop["avg_ms"]) == ("192.168.1.1", 1.043)


def test_json_of_mtr() -> None:
    hubs = [
        {"count": 1, "host": "gw (10.0.0.1)", "ASN": "AS7", "Loss%": 0.0, "Snt": 10, "Avg": 0.6},
        {"count": "2", "host": "b (10.0.0.2)", "ASN": "AS???", "Loss%": 0.0, "Snt": 10, "Avg": 0.7},
    ]
    parsed = parse(json.dumps({"report": {"mtr": {"src": "h", "dst": "b", "tests": 10}, "hubs": hubs}}))

    assert parsed.facts["hops"] == [
        {"hop": 1, "host": "gw", "ip": "10.0.0.1", "asn": 7, "loss_percent": 0.0, "sent": 10, "avg_ms": 0.6},
        {"hop": 2, "host": "b", "ip": "10.0.0.2", "loss_percent": 0.0, "sent": 10, "avg_ms": 0.7},
    ]
    assert (parsed.facts["destination"], parsed.facts["tests"], parsed.facts["reached"]) == ("b", 10, True)


def test_a_refusal_is_no_arrival() -> None:
    parsed = parse(
        "traceroute to 10.0.0.9 (10.0.0.9), 30 hops max, 60 byte packets\n 1  10.0.0.9  1.0 ms !H  1.1 ms !H  *\n"
    )
    assert parsed.facts["reached"] is False
    assert [one.text for one in parsed.events] == [
        "Hop 1 on the way to 10.0.0.9: host unreachable",
        "10.0.0.9 was not reached: the trace ends at hop 1",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "traceroute: unknown host nohost\n",
        'nohost: Name or service not known\nCannot handle "host" cmdline arg `nohost\' on position 1 (argc 1)\n',
        "Unable to resolve target system name nohost.\n",
        "mtr: Failed to resolve host: nohost: Name or service not known\n",
    ],
)
def test_a_name_that_is_not_known_is_an_event(text: str) -> None:
    parsed = parse(text)
    assert [one.level for one in parsed.events] == ["error"] * text.count("\n")
    assert parsed.facts["hops"] == []


@pytest.mark.parametrize(
    "content", ["", "hello\n", '{"report": 1}', '{"report": {"hubs": 3}}', "{", " 1  some words\n"]
)
def test_other_files_are_refused(content: str) -> None:
    with pytest.raises(ParseError):
        parse(content)


BARE = """ 1  dsldevice (192.168.1.254)  11.415 ms  3.934 ms  3.286 ms
 2  Internal (Internal)  0.894 ms *  0.876 ms
 3  * * *
"""


def test_standard_output_alone_has_no_header_and_names_no_destination() -> None:
    assert sniff(BARE.encode()) is Kind.TRACEROUTE
    parsed = parse(BARE)
    assert (parsed.facts["last_answer"], "reached" in parsed.facts, list(parsed.events)) == (2, False, [])
    assert parsed.facts["hops"][1]["probes"][0] == {"name": "Internal", "rtt_ms": 0.894}


@pytest.mark.parametrize(
    "text", ["1 request took 12 ms\n2 requests took 14 ms\n", " 1  gw 3.2 ms\nready\n", "1 INFO 12 ms\n2 * b\n"]
)
def test_numbered_lines_are_not_all_hops(text: str) -> None:
    assert sniff(text.encode()) is None


def test_hops_of_a_second_run_are_not_added_to_the_first() -> None:
    run = "traceroute to b ({0}), 30 hops max, 60 byte packets\n 1  a (10.0.0.1)  1.0 ms\n 2  b ({0})  2.0 ms\n"
    parsed = parse(run.format("10.0.0.2") + run.format("10.0.0.3"))
    assert ([hop["hop"] for hop in parsed.facts["hops"]], parsed.lines.skipped) == ([1, 2], 3)
