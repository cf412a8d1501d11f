"""From the baseline's total to the candidate's, phase by phase, as bars that hang on each other.

Plotly's own ``waterfall`` trace would do, but the cartesian bundle does not have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plotly.graph_objects import Figure

from diagnostics.charts import duration, labels, rows
from diagnostics.charts.side_text import SideText, side_texts
from diagnostics.charts.theme import base_layout, figure, token
from diagnostics.records import Comparison, Delta, Interval

ROW_HEIGHT = 28
SHOWN = 12
# The colour of a bar by what it says; its text is in the colour of that name.
TONES = {"ink": "phase", "regressed": "regressed", "improved": "improved"}


@dataclass(frozen=True, slots=True)
class _Step:
    label: str
    path: str | None
    kind: str  # "total", "phase", "others" or "unaccounted"
    change: int
    before: int
    after: int
    bounds: tuple[int, int] | None = None  # of the change, at 95 %

    @property
    def low(self) -> int:
        return min(self.before, self.after)

    @property
    def high(self) -> int:
        return max(self.before, self.after)


def contributions(comparison: Comparison, width: int = 1000) -> Figure:
    """Bars from total to total (ns as seconds); what is not shown by name is summed, so the last bar is the sum.

    ``customdata`` of a bar: ``[path or None, kind, change in ns as text]``.
    """
    steps = _steps(comparison)
    origin, frame = 0, rows.Frame(width, 0, _extent(steps, width), ROW_HEIGHT)
    texts = [
        SideText(row, _text(step), _text(step), step.low, step.high, _tone(step)) for row, step in enumerate(steps)
    ]
    names = [rows.RowLabel(step.label, strong=step.kind == "total", quiet=step.kind == "others") for step in steps]
    traces = [
        *_bars(steps, frame),
        _connectors(steps, frame),
        *_whiskers(steps, frame),
        *rows.label_traces(names, frame),
        side_texts(texts, frame),
    ]
    return figure(traces, _layout(steps, frame, origin))


def _steps(comparison: Comparison) -> list[_Step]:
    total = comparison.total
    changed = [delta for delta in comparison.phases if delta.contribution]
    named, rest = changed[:SHOWN], changed[SHOWN:]
    changes = [(_leaf(one.phase), one.phase, "phase", one.contribution, _bounds(one)) for one in named]
    if rest:
        changes.append((f"{len(rest)} other phases", None, "others", sum(one.contribution for one in rest), None))
    waiting = comparison.unaccounted
    if waiting.contribution:
        changes.append(("unaccounted", None, "unaccounted", waiting.contribution, _bounds(waiting)))
    level = total.baseline or 0
    steps = [_Step("baseline", None, "total", level, 0, level)]
    for label, path, kind, change, bounds in changes:
        steps.append(_Step(label, path, kind, change, level, level + change, bounds))
        level += change
    end = total.candidate or 0
    return [*steps, _Step("candidate", None, "total", end, 0, end)]


def _bounds(delta: Delta) -> tuple[int, int] | None:
    low, high = delta.contribution_low, delta.contribution_high
    return None if low is None or high is None else (low, high)


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


def _bars(steps: Sequence[_Step], frame: rows.Frame) -> list[dict[str, Any]]:
    tones = [(tone, [row for row, step in enumerate(steps) if _tone(step) == tone]) for tone in TONES]
    return [_bar(steps, members, tone, frame) for tone, members in tones if members]


def _bar(steps: Sequence[_Step], members: Sequence[int], tone: str, frame: rows.Frame) -> dict[str, Any]:
    chosen = [steps[row] for row in members]
    least = round(2 * frame.pixel / 1e9, 9)
    return {
        "type": "bar",
        "orientation": "h",
        "base": [frame.x(step.low) for step in chosen],
        "x": [max(round((step.high - step.low) / 1e9, 9), least) for step in chosen],
        "y": list(members),
        "width": 0.62,
        "marker": {"color": token(TONES[tone]), "line": {"width": 0}},
        "hovertext": [_tip(step, frame) for step in chosen],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [[step.path, step.kind, str(step.change)] for step in chosen],
        "showlegend": False,
        "meta": {"role": "bars", "tone": tone},
    }


def _connectors(steps: Sequence[_Step], frame: rows.Frame) -> dict[str, Any]:
    """Where one bar ends the next begins: a thin line from row to row."""
    levels = [frame.x(step.after) for step in steps[:-1]]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for level in levels for x in (level, level, None)],
        "y": [y for row in range(len(levels)) for y in (row + 0.31, row + 0.69, None)],
        "line": {"color": token("guide"), "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"role": "connectors"},
    }


def _whiskers(steps: Sequence[_Step], frame: rows.Frame) -> list[dict[str, Any]]:
    """How far the end of a bar may lie: a thin line below it, cut at the edge of the figure."""
    drawn = [(row, step.before, step.bounds) for row, step in enumerate(steps) if step.bounds]
    if not drawn:
        return []
    extent = frame.extent
    ends = [[min(max(at + bound, extent.start), extent.end) for bound in bounds] for _, at, bounds in drawn]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [x for low, high in ends for x in (frame.x(low), frame.x(high), None)],
            "y": [y for row, *_ in drawn for y in (row + 0.4, row + 0.4, None)],
            "line": {"color": token("muted"), "width": 2},
            "hoverinfo": "skip",
            "showlegend": False,
            "meta": {"role": "intervals"},
        }
    ]


def _tone(step: _Step) -> str:
    if step.kind == "total":
        return "ink"
    return "regressed" if step.change > 0 else "improved"


def _tip(step: _Step, frame: rows.Frame) -> str:
    columns = 80 if frame.width >= 640 else 38
    lines = [f"{labels.wrapped(step.label, columns)}"]
    if step.kind == "total":
        return "<br>".join([*lines, f"total {duration.human(step.change)}"])
    lines.append(f"{duration.signed(step.change)}, from {duration.human(step.before)} to {duration.human(step.after)}")
    if step.bounds:
        lines.append(f"between {duration.signed(step.bounds[0])} and {duration.signed(step.bounds[1])} at 95 %")
    return "<br>".join(lines)


def _text(step: _Step) -> str:
    if step.kind == "total":
        return duration.human(step.change)
    return f"{'▲' if step.change > 0 else '▼'} {duration.signed(step.change)}"


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
        barmode="overlay",
        bargap=0,
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
