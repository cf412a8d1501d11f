"""A row of host load as traces: lines or stacked areas in steps, and unseen cells that answer the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.charts import duration, labels, quantity
from diagnostics.charts.load_rows import LoadRow, Measure
from diagnostics.charts.readings import Step, runs, thinned
from diagnostics.charts.rows import Frame
from diagnostics.charts.theme import CLEAR, token

Point = tuple[float, float | None]


@dataclass(frozen=True)
class Panel:
    """A row in its place: ``top``..``bottom`` in pixels from the plot's top, on the y axis ``axis`` (``"y3"``)."""

    row: LoadRow
    axis: str
    top: int
    bottom: int

    @property
    def ceiling(self) -> float:
        if self.row.kind.top is not None:
            return self.row.kind.top
        count = len(self.row.measures)
        greatest = max((value or 0.0 for step in self.row.steps for value in step.values[:count]), default=0.0)
        return quantity.ceiling(greatest)


def traces(panel: Panel, frame: Frame) -> list[dict[str, Any]]:
    """At most a few hundred points a trace, whatever the readings; what lies outside the frame is cut off."""
    # A reading every three pixels is as much as can be told apart.
    steps = thinned(panel.row.steps, max(60, min(400, frame.plot_width // 3)), frame.pixel)
    steps = [step for step in steps if step.end > frame.extent.start and step.start < frame.extent.end]
    drawn = _areas(panel, steps, frame) if panel.row.kind.stacked else _lines(panel, steps, frame)
    return [*drawn, _cells(panel, steps, frame)] if steps else []


def _areas(panel: Panel, steps: Sequence[Step], frame: Frame) -> list[dict[str, Any]]:
    tops = [_sums(step, len(panel.row.measures)) for step in steps]
    found = []
    for number, measure in enumerate(panel.row.measures):
        # Down to nothing in a gap: Plotly would fill across one that has no points.
        points = _points(steps, [top[number] for top in tops], frame, falls_to=0.0)
        found.append(
            _scatter(panel, measure, points)
            | {"fill": "tonexty" if number else "tozeroy", "line": _line(measure, 0.0)}
            | _hatching(measure)
        )
    return found


def _hatching(measure: Measure) -> dict[str, Any]:
    if not measure.hatched:
        return {}
    # Hatched over its own pale fill: waiting is told apart from work without the colour, too.
    pattern = {"shape": "/", "fillmode": "overlay", "fgcolor": token(measure.color), "size": 7, "solidity": 0.2}
    return {"fillpattern": pattern}


def _sums(step: Step, count: int) -> list[float]:
    sums, total = [], 0.0
    for value in step.values[:count]:
        total += value or 0.0
        sums.append(total)
    return sums


def _lines(panel: Panel, steps: Sequence[Step], frame: Frame) -> list[dict[str, Any]]:
    return [
        _scatter(panel, measure, _points(steps, [step.values[number] for step in steps], frame, falls_to=None))
        | {"line": _line(measure, 1.6) | ({"dash": "dot"} if measure.hatched else {})}
        for number, measure in enumerate(panel.row.measures)
    ]


def _points(steps: Sequence[Step], values: Sequence[float | None], frame: Frame, falls_to: float | None) -> list[Point]:
    """Where each step begins, its value; where a run ends, the last value once more, then ``falls_to``."""
    points: list[Point] = []
    index = 0
    for run in runs(steps, frame.pixel):
        begin = _inside(run[0].start, frame)
        if falls_to is not None:
            points.append((begin, falls_to))
        for step in run:
            points.append((_inside(step.start, frame), _rounded(values[index])))
            index += 1
        end = _inside(run[-1].end, frame)
        points += [(end, _rounded(values[index - 1])), (end, falls_to)]
    return points


def _inside(time: int, frame: Frame) -> float:
    return frame.x(min(max(time, frame.extent.start), frame.extent.end))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _scatter(panel: Panel, measure: Measure, points: Sequence[Point]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "yaxis": panel.axis,
        "name": measure.name,
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "connectgaps": False,
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"role": "load", "row": panel.row.kind.title},
    }


def _line(measure: Measure, width: float) -> dict[str, Any]:
    return {"shape": "hv", "width": width, "color": token(measure.color)}


def _cells(panel: Panel, steps: Sequence[Step], frame: Frame) -> dict[str, Any]:
    """The hover: one image of clear cells, exactly as wide as their steps, where bars would be hundreds of shapes."""
    edges: list[float] = []
    texts: list[str] = []
    for step in steps:
        start, end = _inside(step.start, frame), _inside(step.end, frame)
        if edges and start > edges[-1]:
            edges.append(start)
            texts.append("")
        edges += [start, end] if not edges else [end]
        texts.append(_tip(panel.row, step, frame))
    return {
        "type": "heatmap",
        "yaxis": panel.axis,
        "x": edges,
        "y": [0, panel.ceiling],
        "z": [[1 if text else None for text in texts]],
        "text": [texts],
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
        # Without any gap between cells of one width Plotly sets a style attribute, which a strict CSP refuses.
        "xgap": 0.001,
        "colorscale": [[0, CLEAR], [1, CLEAR]],
        "showscale": False,
        "showlegend": False,
        "meta": {"role": "cells", "row": panel.row.kind.title},
    }


def _tip(row: LoadRow, step: Step, frame: Frame) -> str:
    told = [*row.measures, *row.aside]
    lines = [_title(row)]
    for measure, value in zip(told, step.values, strict=True):
        if value is not None:
            lines.append(f"{measure.name} {quantity.worded(value, measure.unit or row.kind.unit)}")
    begin, end = duration.signed(step.start - frame.origin), duration.signed(step.end - frame.origin)
    lines.append(f"from {begin} to {end}")
    if step.readings > 1:
        lines.append(f"one of {step.readings} readings here: the extremes are drawn, zoom in for all")
    return "<br>".join(lines)


def _title(row: LoadRow) -> str:
    others = f", the busiest of {row.instances}" if row.instances > 1 and row.kind.by_instance else ""
    name = f" {labels.elided(row.instance, 200)}" if row.kind.by_instance and row.instance else ""
    return f"{row.kind.title}{name}{others} · {labels.escape(row.source)}"
