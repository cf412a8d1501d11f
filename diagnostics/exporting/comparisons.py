"""A comparison as a file: its deltas as a table, or the two launches that stand for its sides as traces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from diagnostics import comparing
from diagnostics.comparing import SideBySide
from diagnostics.exporting.exported import Exported, file_name
from diagnostics.exporting.launches import told
from diagnostics.exports import CSV, JSON, PARQUET
from diagnostics.exports.chrome_trace import several as chrome_traces
from diagnostics.exports.otlp import several as otlp_traces
from diagnostics.exports.tables import DELTA_COLUMNS, as_csv, as_parquet, delta_rows
from diagnostics.exports.told import Told

COMPARISON_FORMATS = ("csv", "parquet", "otlp", "chrome-trace")


def export_comparison(baseline: str, candidate: str, wanted: str, visible: Q | None = None) -> Exported:
    """``wanted`` is one of ``COMPARISON_FORMATS``. Raises ``SelectorError`` as ``comparing.compare`` does."""
    pair = comparing.compare(baseline, candidate, visible)
    name = ["compare", pair.baseline[0].version or "baseline", pair.candidate[0].version or "candidate"]
    if wanted == "csv":
        return Exported(as_csv(delta_rows(pair.comparison), DELTA_COLUMNS), CSV, file_name(*name, "csv"))
    if wanted == "parquet":
        about = {"baseline": baseline, "candidate": candidate}
        table = as_parquet(delta_rows(pair.comparison), DELTA_COLUMNS, about)
        return Exported(table, PARQUET, file_name(*name, "parquet"))
    sides = _middle_launches(pair)
    if wanted == "otlp":
        return Exported(otlp_traces(list(sides.values())), JSON, file_name(*name, "otlp.json"))
    return Exported(chrome_traces(sides, _told_deltas(pair)), JSON, file_name(*name, "trace.json"))


def _middle_launches(pair: SideBySide) -> dict[str, Told]:
    groups = {"baseline": pair.baseline, "candidate": pair.candidate}
    return {name: told(comparing.middle(side)) for name, side in groups.items()}


def _told_deltas(pair: SideBySide) -> dict[str, Mapping[str, Any]]:
    return {
        delta.phase: {"delta_ns": delta.delta, "ratio": delta.ratio, "verdict": str(delta.verdict)}
        for delta in pair.comparison.phases
        if delta.phase is not None
    }
