"""Evidence under a waterfall, on exactly its time axis: events of logs in lanes, then the host's load row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plotly.graph_objects import Figure

from diagnostics.charts import duration, evidence_markers, labels, load_traces, milestones, quantity, rows
from diagnostics.charts.evidence_markers import Mark
from diagnostics.charts.load_rows import HostReadings, LoadRow, load_rows
from diagnostics.charts.load_traces import Panel
from diagnostics.charts.readings import runs
from diagnostics.charts.theme import base_layout, figure, token
from diagnostics.records import Interval

LANE_HEIGHT, GAP, LINE_HEIGHT = 26, 14, 14
TICK_WIDTH = 58  # of the label column, for the number at the top of an axis
ROOMY_COLUMN = 170


def host_load(
    readings: Sequence[HostReadings],
    marks: Sequence[Mark],
    *,
    origin: int,
    window: Interval,
    launch: Interval,
    milestones_at: Mapping[str, int] | None = None,
    width: int = 1200,
) -> Figure:
    """What the host and its logs said in ``window`` (ns), exactly what the axis shows, in seconds from ``origin``.

    Give the window that the waterfall's ``layout.meta.window`` names, and both have one axis. ``customdata`` of an
    event is ``[artifact, line, time in ns, how many it stands for]``.
    """
    frame = rows.Frame(width, origin, window)
    marks = [mark for mark in marks if window.start <= mark.time <= window.end]
    lanes = evidence_markers.lanes(marks)
    panels = _panels(load_rows(readings, window), len(lanes))
    height = panels[-1].bottom if panels else len(lanes) * LANE_HEIGHT
    data = [trace for panel in panels for trace in load_traces.traces(panel, frame)]
    events = evidence_markers.traces(marks, frame, "y")
    data += events
    if data:
        data += _gutter(lanes, panels, frame, f"y{len(panels) + 2}")
    entries = [trace["name"] for trace in events]
    legend, above = rows.legend(entries, frame, height + rows.AXIS_HEIGHT) if entries else ({}, 0)
    layout = _layout(lanes, panels, frame, height, above + 4)
    shapes = [*milestones.marks(milestones_at or {}, frame)[0], *_silences(panels, frame)]
    meta = _meta(frame, launch, lanes, panels, marks)
    return figure(
        data,
        layout
        | {"legend": legend | {"traceorder": "normal"}, "showlegend": bool(entries), "shapes": shapes, "meta": meta},
    )


def _panels(found: Sequence[LoadRow], lanes: int) -> list[Panel]:
    top = lanes * LANE_HEIGHT + (GAP if lanes else 0)
    panels = []
    for number, row in enumerate(found):
        # Room for the row's name, a line for each measure, and where the readings are from.
        bottom = top + LINE_HEIGHT * (len(row.measures) + 2) + 10
        panels.append(Panel(row, f"y{number + 2}", top, bottom))
        top = bottom + GAP
    return panels


def _layout(lanes: Sequence[str], panels: Sequence[Panel], frame: rows.Frame, height: int, top: int) -> dict[str, Any]:
    bottom = rows.AXIS_HEIGHT
    margin = {"l": rows.MARGIN_LEFT, "r": rows.MARGIN_RIGHT, "t": top, "b": bottom, "pad": 0, "autoexpand": False}
    shared = rows.axes(frame, 1)
    time = shared["xaxis"] | {"side": "bottom", "anchor": "free", "position": 0}
    last = f"y{len(panels) + 2}"
    axes = {"xaxis": time, "xaxis2": shared["xaxis2"] | {"anchor": last}, _key(last): _pixels(height)}
    axes["yaxis"] = _lane_axis(len(lanes), height)
    for panel in panels:
        axes[_key(panel.axis)] = _load_axis(panel, height)
    return base_layout(top + height + bottom, margin=margin, dragmode="zoom", **axes)


def _key(axis: str) -> str:
    return f"yaxis{axis[1:]}"


def _fixed(first: float, last: float, domain: Sequence[float]) -> dict[str, Any]:
    return {"range": [first, last], "domain": domain, "fixedrange": True, "zeroline": False, "ticks": ""}


def _pixels(height: int) -> dict[str, Any]:
    """The axis of the label column: pixels from the top."""
    return _fixed(max(1, height), 0, [0, 1]) | {"visible": False, "anchor": "x2"}


def _lane_axis(lanes: int, height: int) -> dict[str, Any]:
    share = lanes * LANE_HEIGHT / max(1, height)
    return _fixed(max(lanes, 1) - 0.5, -0.5, [max(0.0, 1 - share), 1]) | {
        "showgrid": False,
        "showticklabels": False,
        "anchor": "x",
    }


def _load_axis(panel: Panel, height: int) -> dict[str, Any]:
    unit = panel.row.kind.unit
    marks = [0, panel.ceiling / 2, panel.ceiling]
    # Below the line with the row's name, which would run into the axis' number on a narrow screen.
    top = panel.top + LINE_HEIGHT + 3
    return _fixed(0, panel.ceiling, [1 - panel.bottom / height, 1 - top / height]) | {
        "tickmode": "array",
        "tickvals": marks,
        "ticktext": ["0", "", quantity.worded(panel.ceiling, unit)],
        "tickfont": {"size": 10, "color": token("muted")},
        "gridcolor": token("grid"),
        "anchor": "x",
    }


def _gutter(lanes: Sequence[str], panels: Sequence[Panel], frame: rows.Frame, axis: str) -> list[dict[str, Any]]:
    """The label column: lanes, then of each row its name, its key and how often it was read."""
    lines = [_Line(name, (number + 0.5) * LANE_HEIGHT, is_title=True) for number, name in enumerate(lanes)]
    for panel in panels:
        lines += _key_lines(panel, frame.gutter)
    keyed = [line for line in lines if line.color]
    texts = {
        "mode": "text",
        "x": [rows.MARK_WIDTH * (2 if line.color else 1) for line in lines],
        "y": [line.y for line in lines],
        "text": [labels.elided(line.text, frame.gutter - rows.MARK_WIDTH - line.taken) for line in lines],
        "textposition": "middle right",
        "textfont": {
            "size": [labels.FONT_SIZE if line.is_title else 11 for line in lines],
            "color": [token("ink" if line.is_title or line.color else "muted") for line in lines],
            "weight": ["bold" if line.is_title else "normal" for line in lines],
        },
        "meta": {"role": "labels"},
    }
    swatches = {
        "mode": "markers",
        "x": [1.5 * rows.MARK_WIDTH] * len(keyed),
        "y": [line.y for line in keyed],
        "marker": {"symbol": "square", "size": 8, "color": [token(line.color) for line in keyed]},
        "meta": {"role": "key"},
    }
    shared = {"type": "scatter", "xaxis": "x2", "yaxis": axis, "hoverinfo": "skip", "showlegend": False}
    return [shared | texts, *([shared | swatches] if keyed else [])]


@dataclass(frozen=True, slots=True)
class _Line:
    """A text of the label column, ``y`` pixels from the top; with a colour it is an entry of a key. ``taken``: pixels
    of the column that are not the text's."""

    text: str
    y: float
    color: str = ""
    is_title: bool = False
    taken: int = 10


def _key_lines(panel: Panel, column: int) -> list[_Line]:
    row = panel.row
    name = f"{row.kind.title} {row.instance}" if row.kind.by_instance else row.kind.title
    every = f"every {duration.human(row.interval)}" if row.interval else "one reading"
    places = [panel.top + (number + 0.5) * LINE_HEIGHT for number in range(len(row.measures) + 2)]
    entries = [
        _Line(one.name, y, one.color, taken=TICK_WIDTH if y == places[1] else 24)
        for one, y in zip(row.measures, places[1:-1], strict=True)
    ]
    # On a narrow screen only how often: the hover tells from where.
    source = f"{every} · {row.source}" if column >= ROOMY_COLUMN else every
    return [_Line(name, places[0], is_title=True), *entries, _Line(source, places[-1], taken=20)]


def _silences(panels: Sequence[Panel], frame: rows.Frame) -> list[dict[str, Any]]:
    """Shades over the time that a row has no readings of: nothing known is not nothing going on."""
    return [shade for panel in panels for shade in _shades(panel, frame)]


def _shades(panel: Panel, frame: rows.Frame) -> list[dict[str, Any]]:
    edges = [frame.extent.start]
    for run in runs(panel.row.steps, 2 * frame.pixel):
        edges += [run[0].start, run[-1].end]
    edges.append(frame.extent.end)
    gaps = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end - start > 3 * frame.pixel]
    return [
        {
            "type": "rect",
            "x0": frame.x(start),
            "x1": frame.x(end),
            "xref": "x",
            "y0": 0,
            "y1": panel.ceiling,
            "yref": panel.axis,
            "layer": "below",
            "line": {"width": 0},
            "fillcolor": token("ghost"),
            "opacity": 0.35,
        }
        for start, end in gaps[:100]
    ]


def _meta(
    frame: rows.Frame, launch: Interval, lanes: Sequence[str], panels: Sequence[Panel], marks: Sequence[Mark]
) -> dict[str, Any]:
    return {
        "kind": "evidence",
        "origin": str(frame.origin),
        "window": [str(frame.extent.start), str(frame.extent.end)],
        "launch": [str(launch.start), str(launch.end)],
        "gutter": frame.gutter,
        "rows": len(lanes) + len(panels),
        "empty": "No event and no reading of the host lies in this stretch of time.",
        "summary": summary(panels, marks),
    }


def summary(panels: Sequence[Panel], marks: Sequence[Mark]) -> str:
    """The chart in a sentence or two, for who cannot see it."""
    parts = []
    if panels:
        parts.append(f"Host load: {', '.join(panel.row.kind.title for panel in panels)}.")
    total = sum(mark.count for mark in marks)
    if total:
        loud = sum(mark.count for mark in marks if mark.category not in evidence_markers.QUIET)
        parts.append(f"{total} lines of logs, {loud} of them events that were recognised.")
    return " ".join(parts)
