"""What the agent samples of a host while a launch is recorded.

One JSON document::

    {"schema": 1, "launch_id": "uuid", "interval_ns": 1000000000,
     "host": {"name": "gpu-07", "boot_id": "…", "boot_time": 1764000000000000000, "cpus": 96},
     "times": [1764000000500000000, 1764000001500000000],
     "series": [{"metric": "cpu.iowait", "instance": "all", "values": [12.5, null]}]}

``values`` has a number, or null where there was none, for each of ``times``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from diagnostics.parsers.document import SentHost, host_of, read_json, time_of, typed
from diagnostics.parsers.hints import Hints
from diagnostics.records import Lines, Parsed, ParseError, SampleSeries

PARSER = "host-samples/1"


class MeasuredHost(SentHost):
    """The host, with what the samples are a share of."""

    cpus: int | None = None


class SentSeries(msgspec.Struct):
    """One metric; a value, or null, for each time of the document."""

    metric: Annotated[str, Meta(min_length=1, max_length=200)]
    values: list[float | None]
    instance: Annotated[str, Meta(max_length=500)] = ""


class HostSamples(msgspec.Struct):
    """All series of a recording share their times."""

    times: list[int]
    series: list[SentSeries]
    schema: Literal[1] = 1
    interval_ns: int | None = None
    host: MeasuredHost | None = None


def parse(content: bytes, hints: Hints) -> Parsed:
    """Read the samples of one recording. Raises ``ParseError`` with the JSON path of what is wrong."""
    sent = typed(read_json(content), HostSamples, "invalid_host_samples")
    times = _times(sent.times, hints)
    samples = [_series(series, times, f"$.series[{n}].values") for n, series in enumerate(sent.series)]
    # A null is no reading, as there is no rate before the second look: nothing that could not be understood.
    given = sum(len(series.values) for series in sent.series)
    return Parsed(
        parser=PARSER,
        samples=[series for series in samples if series.times],
        host=host_of(sent.host, hints),
        lines=Lines(total=given, read=given),
        facts=_facts(sent),
    )


def recognise(content: bytes) -> bool:
    """A JSON object with times and series of metrics."""
    head = content[:4096].lstrip()
    return head[:1] == b"{" and b'"interval_ns"' in head and b'"phases"' not in head


def _times(sent: list[int], hints: Hints) -> list[int]:
    times = [time_of(time, f"$.times[{n}]", hints.received_at) for n, time in enumerate(sent)]
    for n, (before, after) in enumerate(pairwise(times)):
        if after < before:
            raise ParseError("Times must not go back", f"$.times[{n + 1}]", "invalid_host_samples")
    return times


def _series(sent: SentSeries, times: list[int], where: str) -> SampleSeries:
    if len(sent.values) != len(times):
        raise ParseError(f"{len(sent.values)} values for {len(times)} times", where, "invalid_host_samples")
    known = [(time, value) for time, value in zip(times, sent.values, strict=True) if value is not None]
    return SampleSeries(sent.metric, sent.instance, [time for time, _ in known], [value for _, value in known])


def _facts(sent: HostSamples) -> dict[str, Any]:
    facts: dict[str, Any] = {"interval_ns": sent.interval_ns}
    if sent.host is not None:
        facts |= {"host": sent.host.name, "boot_id": sent.host.boot_id or None, "cpu_count": sent.host.cpus}
    return {key: value for key, value in facts.items() if value is not None}
