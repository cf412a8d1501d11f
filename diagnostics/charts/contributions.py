"""From the baseline's total to the candidate's, phase by phase: Plotly's ``waterfall`` trace, lying on its side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plotly.graph_objects import Figure

from diagnostics.charts import duration, labels, rows
from diagnostics.charts.theme import base_layout, figure, token
from diagnostics.records import Comparison, Interval

ROW_HEIGHT = 28
SHOWN = 12


@dataclass(frozen=True, slots=True)
class _Step:
    label: str
    path: str | None
    kind: str  # "total", "phase", "others" or "unaccounted"
    change: int
    before: int
    after: int


def contributions(comparison: Comparison, width: int = 1000) -> Figure:
    """Bars from total to total (ns as seconds); what is not shown by name is summed, so the last bar is the sum.

    ``customdata`` of a bar: ``[path or None, kind, change in ns as text]``.
    """
    steps = _steps(comparison)
    origin, frame = 0, rows.Frame(width, 0, _extent(steps, width), ROW_HEIGHT)
    texts = [
        rows.SideText(row, _text(step), min(step.before, step.after), max(step.before, step.after), _color(step))
        for row, step in enumerate(steps)
    ]
    labels_of_rows = [
        rows.RowLabel(step.label, strong=step.kind == "total", quiet=step.kind == "others") for step in steps
    ]
    traces = [_trace(steps, frame), *rows.label_traces(labels_of_rows, frame), rows.side_texts(texts, frame)]
    return figure(traces, _layout(steps, frame, origin))


def _steps(comparison: Comparison) -> list[_Step]:
    total = comparison.total
    changed = [delta for delta in comparison.phases if delta.contribution]
    named, rest = changed[:SHOWN], changed[SHOWN:]
    changes = [(_leaf(delta.phase), delta.phase, "phase", delta.contribution) for delta in named]
    if rest:
        changes.append((f"{len(rest)} other phases", None, "others", sum(delta.contribution for delta in rest)))
    if comparison.unaccounted.contribution:
        changes.append(("unaccounted", None, "unaccounted", comparison.unaccounted.contribution))
    level = total.baseline or 0
    steps = [_Step("baseline", None, "total", level, 0, level)]
    for label, path, kind, change in changes:
        steps.append(_Step(label, path, kind, change, level, level + change))
        level += change
    end = total.candidate or 0
    return [*steps, _Step("candidate", None, "total", end, 0, end)]


def _leaf(path: str | None) -> str:
    return (path or "").rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _extent(steps: Sequence[_Step], width: int) -> Interval:
    levels = [step.after for step in steps]
    least, most = min(levels), max(levels)
    # Where the change is a small part of the total, a scale from zero would show nothing but two equal bars.
    start = 0 if most - least > 0.15 * most or least <= 0 else least - (most - least) - max(1, most // 200)
    start = min(max(start, 0), *levels)
    room = min(0.4, 100 / rows.plot_width(width))
    return Interval(start, most + max(1, round((most - start) * room)))


def _trace(steps: Sequence[_Step], frame: rows.Frame) -> dict[str, Any]:
    return {
        "type": "waterfall",
        "orientation": "h",
        "base": 0,
        "measure": ["absolute" if step.kind == "total" else "relative" for step in steps],
        "x": [round(step.change / 1e9, 9) for step in steps],
        "y": list(range(len(steps))),
        "width": 0.62,
        "increasing": {"marker": {"color": token("regressed")}},
        "decreasing": {"marker": {"color": token("improved")}},
        "totals": {"marker": {"color": token("phase")}},
        "connector": {"line": {"color": token("guide"), "width": 1}, "mode": "between"},
        "hovertext": [_tip(step, frame) for step in steps],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [[step.path, step.kind, str(step.change)] for step in steps],
        "showlegend": False,
        "meta": {"role": "bars"},
    }


def _tip(step: _Step, frame: rows.Frame) -> str:
    columns = 80 if frame.width >= 640 else 38
    lines = [f"<b>{labels.wrapped(step.label, columns)}</b>"]
    if step.kind == "total":
        return "<br>".join([*lines, f"total {duration.human(step.change)}"])
    lines.append(f"{duration.signed(step.change)}, from {duration.human(step.before)} to {duration.human(step.after)}")
    return "<br>".join(lines)


def _text(step: _Step) -> str:
    if step.kind == "total":
        return duration.human(step.change)
    return f"{'▲' if step.change > 0 else '▼'} {duration.signed(step.change)}"


def _color(step: _Step) -> str:
    return "ink" if step.kind == "total" else "regressed" if step.change > 0 else "improved"


def _layout(steps: Sequence[_Step], frame: rows.Frame, origin: int) -> dict[str, Any]:
    broken = frame.extent.start > 0
    bottom = 24 if broken else 6
    note = {
        "text": f"The axis starts at {duration.human(frame.extent.start)}, not at 0.",
        "x": 1,
        "xref": "paper",
        "xanchor": "right",
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "yshift": -4,
        "showarrow": False,
        "font": {"size": 11, "color": token("muted")},
    }
    margin = {"l": rows.MARGIN_LEFT, "r": rows.MARGIN_RIGHT, "t": rows.AXIS_HEIGHT, "b": bottom, "pad": 0}
    return base_layout(
        rows.AXIS_HEIGHT + bottom + len(steps) * frame.row_height,
        margin=margin | {"autoexpand": False},
        dragmode=False,
        waterfallgap=0,
        showlegend=False,
        annotations=[note] if broken else [],
        meta=_meta(steps, frame, origin),
        **rows.axes(frame, len(steps)),
    )


def _meta(steps: Sequence[_Step], frame: rows.Frame, origin: int) -> dict[str, Any]:
    parts = [f"From {duration.human(steps[0].after)} (baseline) to {duration.human(steps[-1].after)} (candidate)."]
    parts += [
        f"{labels.plain(step.label)} {duration.signed(step.change)}." for step in steps[1:4] if step.kind != "total"
    ]
    return {
        "kind": "contributions",
        "origin": str(origin),
        "gutter": frame.gutter,
        "rowHeight": frame.row_height,
        "rows": len(steps),
        "columns": ["path", "kind", "change"],
        "summary": " ".join(parts),
    }
