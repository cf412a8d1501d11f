"""Evidence into tables while it is read: a log of any length passes through in batches, in one transaction."""

from __future__ import annotations

import contextlib
import uuid
from array import array
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import msgspec
from django.db import connection

from diagnostics.ingest import storing
from diagnostics.ingest.hints import boot_time_of
from diagnostics.ingest.rows import (
    ARTIFACT_PHASE_COLUMNS,
    EVENT_COLUMNS,
    SAMPLE_COLUMNS,
    Row,
    artifact_phase_row,
    copy,
    event_row,
    sample_row,
    storable,
    text,
)
from diagnostics.models import Artifact, Host, Launch
from diagnostics.parsers import Reading
from diagnostics.querysets.artifacts import NODE
from diagnostics.records import OF_ONE_LAUNCH, Event, HostFacts, Parsed, Phase, SampleSeries

# Rows and values held before they are written: what bounds the memory that a file of any length takes.
BATCH = 5_000
HEAVY = 4_000_000  # characters of events' text
SAMPLES_HELD = 250_000
INTERVALS = 100  # gaps between samples that tell how often a host was looked at


def store_evidence(artifact: Artifact, read: Callable[[], Reading]) -> bool:
    """Replace the records of an artifact by what is read of it, and mark it parsed; must run in a transaction.

    Answers whether there was anything to do: another worker may be at it. Raises whatever the parser raises.
    """
    with connection.cursor() as cursor:
        if not _lock(artifact):
            return False
        if artifact.attempts > 1 or artifact.previous:
            storing.forget(cursor, artifact.id)
        records = Records(cursor, artifact)
        parsed = records.take(read())
        # Before its host may be made: whoever stores a snapshot locks in this order, too.
        Launch.objects.select_for_update(of=("self",)).filter(artifacts=artifact.pk).only("pk").first()
        _mark_parsed(artifact, parsed, records)
    return True


class Records:
    """The records of one artifact on their way into tables, with what can only be known when all have passed."""

    def __init__(self, cursor: Any, artifact: Artifact) -> None:
        self.counts = {"phases": 0, "events": 0, "samples": 0}
        self.first: int | None = None
        self.last: int | None = None
        self._cursor, self._artifact = cursor, artifact
        self._events: list[Row] = []
        self._weight = 0
        self._phases: list[Row] = []
        self._samples: dict[tuple[str, str], tuple[array[int], array[float]]] = {}
        self._held = self._pieces = 0
        self._gaps: list[int] = []
        self._measured: tuple[str, str] | None = None
        self._is_measuring = True

    @property
    def interval(self) -> int:
        """Typical time between samples, ns: the median within the first series; 0 without samples."""
        gaps = sorted(self._gaps)
        return gaps[len(gaps) // 2] if gaps else 0

    def take(self, reading: Reading) -> Parsed:
        """Everything that is read, into the tables; what the file says of itself is returned."""
        while True:
            try:
                record = next(reading)
            except StopIteration as end:
                self._write_events()
                self._write_phases()
                self._write_samples()
                parsed: Parsed = end.value
                return parsed
            if isinstance(record, Event):
                self._take_event(record)
            elif isinstance(record, Phase):
                self._take_phase(record)
            elif record.times:
                self._take_samples(record)

    def _take_event(self, event: Event) -> None:
        self._events.append(event_row(self._artifact, self.counts["events"], event))
        self.counts["events"] += 1
        self._weight += len(event.text)
        self._span(event.time, event.time)
        if len(self._events) >= BATCH or self._weight > HEAVY:
            self._write_events()

    def _take_phase(self, phase: Phase) -> None:
        self._phases.append(artifact_phase_row(self._artifact, self.counts["phases"], phase))
        self.counts["phases"] += 1
        self._span(phase.start_time, phase.end_time)
        if len(self._phases) >= BATCH:
            self._write_phases()

    def _take_samples(self, series: SampleSeries) -> None:
        # Some files have a million pieces of one reading: what can wait until they are written does.
        key, times = (series.metric, series.instance), series.times
        held = self._samples.get(key)
        if held is None:
            held = self._samples[key] = (array("q"), array("d"))
        if self._is_measuring:
            self._measure(key, [*held[0][-1:], *times[: INTERVALS + 1]])
        held[0].extend(times)
        held[1].extend(series.values)
        self._held += len(times)
        if self._held >= SAMPLES_HELD:
            self._write_samples()

    def _measure(self, key: tuple[str, str], times: list[int]) -> None:
        """Note how far apart the readings of the first series are."""
        if self._measured in (None, key):
            self._measured = key
            self._gaps += [later - earlier for earlier, later in pairwise(times) if later > earlier]
            self._is_measuring = len(self._gaps) < INTERVALS

    def _span(self, first: int, last: int) -> None:
        if self.first is None or first < self.first:
            self.first = first
        if self.last is None or last > self.last:
            self.last = last

    def _write_events(self) -> None:
        if self._events:
            copy(self._cursor, "diagnostics_event", EVENT_COLUMNS, self._events)
        self._events, self._weight = [], 0

    def _write_phases(self) -> None:
        if self._phases:
            copy(self._cursor, "diagnostics_artifactphase", ARTIFACT_PHASE_COLUMNS, self._phases)
        self._phases = []

    def _write_samples(self) -> None:
        for times, _ in self._samples.values():
            self._span(min(times), max(times))
        rows = (
            sample_row(self._artifact, self._pieces + n, *key, times.tolist(), values.tolist())
            for n, (key, (times, values)) in enumerate(self._samples.items())
        )
        if self._samples:
            copy(self._cursor, "diagnostics_sample", SAMPLE_COLUMNS, rows)
        self.counts["samples"] += self._held
        self._pieces += len(self._samples)
        self._samples, self._held = {}, 0


def _lock(artifact: Artifact) -> bool:
    """Of two workers with the same file the second leaves it to the first: a large one takes minutes."""
    waiting = Artifact.objects.filter(pk=artifact.pk, state=Artifact.State.RECEIVED)
    return waiting.select_for_update(of=("self",), skip_locked=True).only("pk").first() is not None


def _mark_parsed(artifact: Artifact, parsed: Parsed, records: Records) -> None:
    artifact.state, artifact.error = Artifact.State.PARSED, None
    artifact.parser, artifact.lines = parsed.parser, msgspec.to_builtins(parsed.lines)
    artifact.counts, artifact.first_ns, artifact.last_ns = records.counts, records.first, records.last
    interval = {"interval_ns": records.interval} if records.interval else {}
    artifact.facts, artifact.told = storable({**interval, **parsed.facts}), _told(artifact, parsed)
    artifact.host = _host(artifact, parsed)
    told = parsed.host
    artifact.boot_id = _dashed(text((told and told.boot_id) or str(parsed.facts.get("boot_id") or "")))
    given = boot_time_of(artifact.given.get("boot_time", ""), int(artifact.received_at.timestamp() * 1e9))
    artifact.boot_time = told.boot_time if told and told.boot_time else given
    read = ["state", "error", "parser", "lines", "counts", "first_ns", "last_ns", "facts", "told"]
    artifact.save(update_fields=[*read, "host", "boot_id", "boot_time"])


def _dashed(boot_id: str) -> str:
    """As the kernel and the agent write it; the journal leaves the dashes out."""
    with contextlib.suppress(ValueError):
        return str(uuid.UUID(boot_id))
    return boot_id


def _host(artifact: Artifact, parsed: Parsed) -> Host | None:
    """What the sender calls the host is what its launches are called by; the file's own name comes second."""
    if artifact.host or parsed.host is None or not parsed.host.name:
        return artifact.host
    return Host.objects.get_or_create(name=text(parsed.host.name))[0]


def _node(parsed: Parsed) -> dict[str, str]:
    """The machine under the pod, whose kernel log and samples tell of the launch too."""
    pods = parsed.facts.get("pods")
    only = pods[0] if isinstance(pods, list) and len(pods) == 1 else None
    return {NODE: str(only["node"])} if isinstance(only, dict) and only.get("node") else {}


def _told(artifact: Artifact, parsed: Parsed) -> Mapping[str, Any] | None:
    """What the file says of its launch, which assembling asks for; a launch of its own is what the query says, too."""
    given = artifact.given if artifact.kind in OF_ONE_LAUNCH else {}
    host = parsed.host or (HostFacts(given["host"]) if given.get("host") else None)
    about = {
        "milestones": dict(parsed.milestones),
        "labels": {**_node(parsed), **parsed.labels},
        "config": dict(parsed.config),
        "version": parsed.version or given.get("version", ""),
        "host": {"name": host.name, "boot_id": host.boot_id, "boot_time": host.boot_time} if host else None,
    }
    return storable({key: value for key, value in about.items() if value}) or None
