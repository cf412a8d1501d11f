"""Samples of the agent, real ones included."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from diagnostics.agent.host_samples import HostSamples
from diagnostics.parsers import Hints, sniff
from diagnostics.parsers.host_samples import parse
from diagnostics.records import Kind, ParseError
from tests.data.snapshots import T0

HINTS = Hints(received_at=T0 + 10**12)
DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "interval_ns": 10**9,
    "host": {"name": "gpu-07", "boot_id": "b", "boot_time": T0 - 10**12, "cpus": 96},
    "times": [T0, T0 + 10**9],
    "series": [
        {"metric": "cpu.iowait", "instance": "all", "values": [12.5, None]},
        {"metric": "disk.read_kb", "instance": "nvme0n1", "values": [901120, 850000.5]},
    ],
}


def encoded(**changes: Any) -> bytes:
    return json.dumps(DOCUMENT | changes).encode()


def test_values_go_with_their_times() -> None:
    parsed = parse(encoded(), HINTS)
    iowait, disk = parsed.samples
    assert (iowait.metric, iowait.times, iowait.values) == ("cpu.iowait", [T0], [12.5])
    assert (disk.instance, disk.times, disk.values) == ("nvme0n1", [T0, T0 + 10**9], [901120.0, 850000.5])
    assert (parsed.lines.total, parsed.lines.read, parsed.lines.skipped) == (4, 4, 0)
    assert parsed.facts == {"interval_ns": 10**9, "host": "gpu-07", "boot_id": "b", "cpu_count": 96}
    assert parsed.host is not None
    assert parsed.host.name == "gpu-07"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"times": [T0 + 5, T0]}, "$.times[1]"),
        ({"times": [T0]}, "$.series[0].values"),
        ({"times": ["x", T0]}, "$.times[0]"),
        ({"times": [-1, T0]}, "$.times[0]"),
        ({"series": [{"values": []}]}, "$.series[0]"),
        ({"schema": 2}, "$.schema"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(encoded(**changes), HINTS)
    assert caught.value.where == where


def test_it_is_recognised() -> None:
    assert sniff(encoded()) is Kind.HOST_SAMPLES


def test_what_the_agent_records_is_read() -> None:
    recorder = HostSamples()
    for _ in range(3):
        recorder.sample()
    document = recorder.document("launch", {"name": "here", "boot_id": "b", "boot_time": T0})
    parsed = parse(json.dumps(document).encode(), Hints(received_at=time.time_ns()))
    metrics = {series.metric for series in parsed.samples}
    assert {"memory.available_kb", "paging.major_faults"} <= metrics
    # Not every series has a value at each time: CPU shares need a tick to pass between two samples.
    told = {
        (series["metric"], series["instance"]): [
            at for at, value in zip(document["times"], series["values"], strict=True) if value is not None
        ]
        for series in document["series"]
    }
    assert {(series.metric, series.instance): series.times for series in parsed.samples} == told
