"""Rows with a label column: the frame that waterfalls and comparisons share, so that their time axes line up.

Labels live on an axis of their own (``x2``) whose unit is the pixel; ``<plotly-chart>`` sets both domains from the
element's real width, so the column is as wide on a phone as the server meant it to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from diagnostics.charts import duration, labels
from diagnostics.charts.theme import CLEAR, token
from diagnostics.records import NS_PER_SECOND, Interval

MARGIN_LEFT, MARGIN_RIGHT = 4, 8
AXIS_HEIGHT = 24
LEGEND_ROW = 22
MARK_WIDTH = 14
# Above so many rows the axis at the top has scrolled away; it is repeated at the bottom.
TALL = 20


@dataclass(frozen=True, slots=True)
class RowLabel:
    text: str
    depth: int = 0
    mark: str = ""  # "▾" open, "▸" folded, "" for a leaf
    strong: bool = False
    quiet: bool = False
    note: str = ""  # kept whole when the text has to be shortened


@dataclass(frozen=True)
class Frame:
    """Where things are, in pixels and nanoseconds: ``extent`` is what the time axis covers, ``origin`` its zero."""

    width: int
    origin: int
    extent: Interval
    row_height: int = 24

    @cached_property
    def gutter(self) -> int:
        return gutter(self.width)

    @cached_property
    def plot_width(self) -> int:
        return max(80, self.width - MARGIN_LEFT - MARGIN_RIGHT - self.gutter)

    @cached_property
    def pixel(self) -> float:
        """Nanoseconds a pixel of the time axis stands for."""
        return max(1, self.extent.duration) / self.plot_width

    def x(self, time: int) -> float:
        """Seconds from the origin, exact to the nanosecond."""
        return round((time - self.origin) / NS_PER_SECOND, 9)

    def at(self, time: int) -> float:
        """Pixels from the left end of the time axis."""
        return (time - self.extent.start) / self.pixel


def gutter(width: int) -> int:
    """Pixels of the label column in a figure ``width`` pixels wide; every chart on a page's time axis uses it."""
    return max(120, min(340, round(width * 0.26) + 28))


def plot_width(width: int) -> int:
    """Pixels left for the time axis: what ``level_of_detail.bars`` wants to know."""
    return max(80, width - MARGIN_LEFT - MARGIN_RIGHT - gutter(width))


def axes(frame: Frame, rows: int, line_top: bool = True) -> dict[str, Any]:
    """``xaxis`` (time, marks on top), ``xaxis2`` (label pixels), ``yaxis`` (row numbers, first row on top)."""
    area = max(1, frame.width - MARGIN_LEFT - MARGIN_RIGHT)
    split = min(0.8, frame.gutter / area)
    time = _time_axis(frame) | {"domain": [split, 1], "side": "top"}
    found = {
        "xaxis": time,
        "xaxis2": {
            "domain": [0, split],
            "range": [0, frame.gutter],
            "fixedrange": True,
            "visible": False,
            "anchor": "y",
        },
        "yaxis": {
            "range": [max(rows, 1) - 0.5, -0.5],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "showticklabels": False,
            "ticks": "",
            "domain": [0, 1],
        },
    }
    if rows > TALL:
        found["xaxis3"] = time | {"side": "bottom", "overlaying": "x", "matches": "x", "showgrid": False}
    return found


def _time_axis(frame: Frame) -> dict[str, Any]:
    extent = Interval(frame.extent.start - frame.origin, frame.extent.end - frame.origin)
    most = frame.plot_width // (92 if frame.plot_width > 500 else 48)
    marks = duration.ticks(extent.start, extent.end, most)
    # Deep inside a long launch every mark needs many digits: fewer of them, or they run into each other.
    while most > 1 and _crowded(marks, frame):
        most -= 1
        marks = duration.ticks(extent.start, extent.end, most)
    return {
        "range": [frame.x(frame.extent.start), frame.x(frame.extent.end)],
        "tickmode": "array",
        "tickvals": [value / NS_PER_SECOND for value, _ in marks],
        "ticktext": [text for _, text in marks],
        "tickangle": 0,
        "tickfont": {"size": 11, "color": token("muted")},
        "ticks": "",
        "gridcolor": token("grid"),
        "gridwidth": 1,
        "zeroline": False,
        "showline": False,
        "anchor": "y",
    }


def _crowded(marks: Sequence[tuple[int, str]], frame: Frame) -> bool:
    if len(marks) < 2:
        return False
    apart = (marks[1][0] - marks[0][0]) / frame.pixel
    return max(labels.text_width(text) for _, text in marks) * 0.92 + 14 > apart


def label_traces(rows: Sequence[RowLabel], frame: Frame) -> list[dict[str, Any]]:
    """The label column: nesting guides and names; the indent shrinks with depth so that names keep half the column."""
    step = _indent_step(rows, frame)
    at = [min(row.depth * step, frame.gutter * 0.5) for row in rows]
    texts = [_label(row, frame.gutter - left - MARK_WIDTH - 8) for row, left in zip(rows, at, strict=True)]
    names = {
        "type": "scatter",
        "mode": "text",
        "xaxis": "x2",
        "x": [round(left + MARK_WIDTH, 1) for left in at],
        "y": list(range(len(rows))),
        "text": texts,
        "textposition": "middle right",
        # Plotly's <b> and <i> become style attributes, which a strict CSP refuses; fonts by row do not.
        "textfont": {
            "size": labels.FONT_SIZE,
            "color": _once([token("muted" if row.quiet else "ink") for row in rows]),
            "weight": _once(["bold" if row.strong else "normal" for row in rows]),
            "style": _once(["italic" if row.quiet else "normal" for row in rows]),
        },
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"role": "labels"},
    }
    marks = [index for index, row in enumerate(rows) if row.mark]
    return [_guides(rows, at), names, *([_marks(rows, at, marks)] if marks else [])]


def _once(values: Sequence[str]) -> Sequence[str] | str:
    """One value for all rows where they agree: it need not be sent two hundred times."""
    return values[0] if values and len(set(values)) == 1 else values


def _indent_step(rows: Sequence[RowLabel], frame: Frame) -> float:
    deepest = max((row.depth for row in rows), default=0)
    return max(2.0, min(14.0, 0.4 * frame.gutter / max(1, deepest)))


def _label(row: RowLabel, pixels: float) -> str:
    note = f" {row.note}" if row.note else ""
    text = labels.elided(row.text, (pixels - labels.text_width(note)) / (1.08 if row.strong else 1))
    return text + labels.escape(note)


def _marks(rows: Sequence[RowLabel], at: Sequence[float], marked: Sequence[int]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "xaxis": "x2",
        "x": [round(at[index] + MARK_WIDTH / 2, 1) for index in marked],
        "y": list(marked),
        "text": [rows[index].mark for index in marked],
        "textposition": "middle center",
        "textfont": {"size": 11, "color": token("muted")},
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"role": "marks"},
    }


def _guides(rows: Sequence[RowLabel], at: Sequence[float]) -> dict[str, Any]:
    """One line per open row, from below its mark to its last child."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    open_rows: list[int] = []
    last_child: dict[int, int] = {}
    for index, row in enumerate(rows):
        while open_rows and rows[open_rows[-1]].depth >= row.depth:
            open_rows.pop()
        if open_rows:
            last_child[open_rows[-1]] = index
        open_rows.append(index)
    for parent, child in sorted(last_child.items()):
        left = round(at[parent] + MARK_WIDTH / 2, 1)
        xs += [left, left, None]
        ys += [parent + 0.38, child + 0.2, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "xaxis": "x2",
        "x": xs or [None],
        "y": ys or [None],
        "line": {"color": token("guide"), "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"role": "guides"},
    }


def legend(entries: Sequence[str], frame: Frame, height: int, buttons: int = 0) -> tuple[dict[str, Any], int]:
    """A legend above a figure ``height`` pixels high without it, and the pixels it takes.

    Its rows are counted here because Plotly tells nobody. ``buttons`` pixels at the right of its line are the page's.
    """
    widest = max((labels.text_width(entry) for entry in entries), default=0)
    cell = round(widest * 0.95) + 44
    area = frame.width - MARGIN_LEFT - MARGIN_RIGHT
    taken = -(-len(entries) // max(1, area // cell)) * LEGEND_ROW
    above = LEGEND_ROW + 4 if buttons and min(len(entries) * cell, area) > area - buttons else 0
    layout = {
        "orientation": "h",
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1 - above / (height + taken + above),
        "yref": "container",
        "yanchor": "top",
        "itemsizing": "constant",
        "entrywidth": cell - 38,
        "entrywidthmode": "pixels",
        "font": {"size": 11, "color": token("muted")},
        "bgcolor": CLEAR,
        "itemclick": False,
        "itemdoubleclick": False,
        "tracegroupgap": 0,
    }
    return layout, taken + above
