"""Launches and comparisons in the formats of other tools. Pure: what is told goes in, bytes come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from diagnostics.exports.chrome_trace import chrome_trace
from diagnostics.exports.otlp import otlp
from diagnostics.exports.snapshot import snapshot
from diagnostics.exports.tables import PHASE_COLUMNS, as_csv, as_parquet, phase_rows
from diagnostics.exports.told import Told

JSON, CSV, PARQUET = "application/json", "text/csv; charset=utf-8", "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class Format:
    """How a launch is written, and what the file is."""

    write: Callable[[Told], bytes]
    content_type: str
    ending: str


def _csv(launch: Told) -> bytes:
    return as_csv(phase_rows(launch), PHASE_COLUMNS)


def _parquet(launch: Told) -> bytes:
    about = {"service": launch.service, "version": launch.version, "launch": str(launch.id)}
    return as_parquet(phase_rows(launch), PHASE_COLUMNS, about)


FORMATS: Mapping[str, Format] = {
    "snapshot": Format(snapshot, JSON, "snapshot.json"),
    "otlp": Format(otlp, JSON, "otlp.json"),
    "chrome-trace": Format(chrome_trace, JSON, "trace.json"),
    "csv": Format(_csv, CSV, "csv"),
    "parquet": Format(_parquet, PARQUET, "parquet"),
}
