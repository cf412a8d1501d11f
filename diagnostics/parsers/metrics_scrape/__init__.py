"""A saved ``/metrics`` scrape of a model server, for what it tells of its own start::

    # TYPE process_start_time_seconds gauge
    process_start_time_seconds 1.79542e+09
    # TYPE sglang:startup_time_seconds gauge
    sglang:startup_time_seconds{model_name="glm",phase="load_weight",tp_rank="0"} 31.5
    sglang:startup_time_seconds{model_name="glm",phase="scheduler_e2e",tp_rank="0"} 70.25
    nv_model_load_duration_secs{model="preprocessor",version="1"} 1.611378656

SGLang, vLLM, Triton and Ray Serve have such gauges. They say how long something took, not when, and some lie within
others: each is a phase of its own inside the one that is known to contain it, and they are never added up. What is
known to run one after the other is laid so where it fits; all else begins with what it is part of. A histogram of one
start is that start.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from diagnostics.parsers.amounts import nanoseconds
from diagnostics.parsers.exposition import TYPE, Told, read_line
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.metrics_scrape.gauges import PREFIXES, StartGauge, start_gauge
from diagnostics.parsers.metrics_scrape.layout import laid
from diagnostics.parsers.origin import is_calendar, placed
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import NS_PER_SECOND, Milestone, Parsed, ParseError

PARSER = "metrics-scrape/1"
MOST_GAUGES = 10_000
BEGUN = "process_start_time_seconds"


class _Scrape:
    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.types: dict[str, str] = {}
        self.gauges: list[StartGauge] = []
        self.begun: int | None = None
        self.metrics: set[str] = set()
        self._histograms: dict[tuple[str, str], dict[str, Told]] = {}

    def take(self, line: str) -> None:
        if line.startswith("#"):
            told = TYPE.match(line)
            if told:
                self.types[told["name"]] = told["type"]
            return
        sample = read_line(line)
        if sample is None:
            self.tally.skip(self.tally.total, line)
            return
        self.metrics.add(sample.name)
        if sample.name == BEGUN and not sample.labels:
            self.begun = nanoseconds(sample.value, NS_PER_SECOND)
        base, _, part = sample.name.rpartition("_")
        if part in ("sum", "count") and self.types.get(base) in ("histogram", "summary"):
            self._histograms.setdefault((base, str(sorted(sample.labels.items()))), {})[part] = sample
        elif self.types.get(sample.name, "gauge") in ("gauge", "unknown", "untyped"):
            self._gauge(sample.name, sample)

    def finish(self) -> None:
        for (name, _), told in self._histograms.items():
            # Of several starts the sum is none of them.
            if "sum" in told and "count" in told and nanoseconds(told["count"].value, 1) == 1:
                self._gauge(name, told["sum"])

    def _gauge(self, name: str, sample: Told) -> None:
        gauge = start_gauge(name, sample)
        if gauge is not None and len(self.gauges) < MOST_GAUGES:
            self.gauges.append(gauge)


def parse(source: Source, hints: Hints) -> Reading:
    """Phases in order of start. Raises ``ParseError`` if no gauge of the scrape tells of a start."""
    tally = Tally()
    scrape = _Scrape(tally)
    for tally.total, line in enumerate(source.lines(), 1):
        if line.strip():
            scrape.take(line)
    scrape.finish()
    if not scrape.gauges:
        raise _nothing(scrape)
    phases = list(laid(scrape.gauges))
    last = max(phase.end_time for phase in phases)
    begun = scrape.begun if scrape.begun is not None and is_calendar(scrape.begun, hints) else None
    shift, clock = placed(0, last, hints, begun)
    for phase in phases:
        yield msgspec.structs.replace(phase, start_time=phase.start_time + shift)
    return Parsed(
        parser=PARSER,
        milestones={Milestone.PROCESS_START.value: begun} if begun is not None else {},
        labels=dict(_labels(scrape.gauges)),
        lines=tally.lines(),
        facts={"clock": clock, "gauges": len(scrape.gauges), "metrics": len(scrape.metrics), **tally.facts()},
    )


def _labels(gauges: list[StartGauge]) -> Iterator[tuple[str, str]]:
    models = {gauge.model for gauge in gauges} - {""}
    if len(models) == 1:
        yield "model", models.pop()[:500]


def _nothing(scrape: _Scrape) -> ParseError:
    if not scrape.metrics:
        return ParseError("This is no scrape: save what `curl http://HOST:PORT/metrics` prints", "", "no_metrics")
    known = (
        "SGLang's sglang:startup_time_seconds, vLLM's vllm:engine_startup_time, Triton's nv_model_load_duration_secs"
    )
    has_tgi = any(name.startswith("tgi_") for name in scrape.metrics)
    why = "text-generation-inference has none; send its log. Others" if has_tgi else "Those that do"
    message = f"None of its {len(scrape.metrics)} metrics tells how long a start took. {why} are such as {known}"
    return ParseError(message, "", "no_start_metrics")


def recognise(head: bytes) -> bool:
    """An exposition that names a model server's metrics, or tells when its process began."""
    lines = [line for line in Source.of(head).lines() if line.strip()][:2_000]
    if not lines or sum(TYPE.match(line) is not None or line.startswith("# HELP ") for line in lines) == 0:
        return any(line.startswith(PREFIXES) and read_line(line) is not None for line in lines[:50])
    samples: list[Any] = [read_line(line) for line in lines[:-1] if not line.startswith("#")]
    return sum(sample is not None for sample in samples) * 2 > len(samples) or not samples
