"""Phases of a launch, or the deltas of a comparison, as a table: CSV and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diagnostics.exports.json_text import json_text
from diagnostics.exports.told import Told
from diagnostics.records import Comparison, Delta

PHASE_COLUMNS = {
    "launch": "string",
    "position": "int64",
    "id": "string",
    "path": "string",
    "phase": "string",
    "parent": "string",
    "depends_on": "list",
    "lane": "string",
    "depth": "int64",
    "start_time": "int64",
    "duration_ns": "int64",
    "self_ns": "int64",
    "slack_ns": "int64",
    "critical": "bool",
    "critical_ns": "int64",
    "status": "string",
    "attributes": "json",
}
DELTA_COLUMNS = {
    "row": "string",
    "phase": "string",
    "baseline_ns": "int64",
    "candidate_ns": "int64",
    "delta_ns": "int64",
    "ratio": "float64",
    "low": "float64",
    "high": "float64",
    "q": "float64",
    "verdict": "string",
    "contribution_ns": "int64",
    "contribution_low_ns": "int64",
    "contribution_high_ns": "int64",
    "least_effect": "float64",
    "note": "string",
}
Rows = Sequence[Mapping[str, Any]]
# What a spreadsheet would take for a formula; a name may begin with any of these.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def phase_rows(launch: Told) -> Rows:
    """One row a phase, columns as in ``PHASE_COLUMNS``."""
    return [
        {
            "launch": str(launch.id),
            "position": one.phase.position,
            "id": launch.ids[one.phase.position],
            "path": one.path,
            "phase": one.phase.name,
            "parent": launch.parent_of(one),
            "depends_on": launch.before(one),
            "lane": one.phase.lane,
            "depth": one.depth,
            "start_time": one.phase.start_time,
            "duration_ns": one.phase.duration,
            "self_ns": one.self_time,
            "slack_ns": one.slack,
            "critical": one.critical,
            "critical_ns": one.critical_time,
            "status": str(one.phase.status),
            "attributes": dict(one.phase.attributes),
        }
        for one in launch.phases
    ]


def delta_rows(comparison: Comparison) -> Rows:
    """The total, then phases by what they add to it, then unaccounted time; contributions sum to the total's delta."""
    told = [("total", comparison.total), *(("phase", one) for one in comparison.phases)]
    return [_delta_row(kind, delta) for kind, delta in [*told, ("unaccounted", comparison.unaccounted)]]


def _delta_row(kind: str, delta: Delta) -> dict[str, Any]:
    return {
        "row": kind,
        "phase": delta.phase if kind == "phase" else None,
        "baseline_ns": delta.baseline,
        "candidate_ns": delta.candidate,
        "delta_ns": delta.delta,
        "ratio": delta.ratio,
        "low": delta.low,
        "high": delta.high,
        "q": delta.q,
        "verdict": str(delta.verdict),
        "contribution_ns": delta.contribution,
        "contribution_low_ns": delta.contribution_low,
        "contribution_high_ns": delta.contribution_high,
        "least_effect": delta.least_effect,
        "note": delta.note,
    }


def as_csv(rows: Rows, columns: Mapping[str, str]) -> bytes:
    """UTF-8 with a heading; lists and attributes are JSON in their cell, nothing is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json_text(value).decode() if value else ""
    if isinstance(value, bool):
        return str(value).lower()
    # An apostrophe keeps a name from being reckoned; readers of CSV that reckon nothing see one more letter.
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def as_parquet(rows: Rows, columns: Mapping[str, str], about: Mapping[str, str]) -> bytes:
    """Apache Parquet, zstd; ``about`` is the file's own metadata. Attributes are JSON text."""
    import pyarrow as pa  # half a second to import, and few ask for it
    import pyarrow.parquet as pq

    types = {"string": pa.string(), "json": pa.string(), "int64": pa.int64(), "float64": pa.float64()}
    types |= {"bool": pa.bool_(), "list": pa.list_(pa.string())}
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()], metadata=dict(about))
    arrays = [pa.array(_column(rows, name, kind), type=types[kind]) for name, kind in columns.items()]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
    return bytes(sink.getvalue())


def _column(rows: Rows, name: str, kind: str) -> Iterable[Any]:
    if kind == "json":
        return [json_text(row[name]).decode() if row[name] else None for row in rows]
    return [row[name] for row in rows]
