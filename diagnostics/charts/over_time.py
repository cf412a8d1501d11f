"""The layout of figures that show durations over the time of day: seconds upwards, UTC to the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diagnostics.charts import duration, labels
from diagnostics.charts.rows import Frame, legend
from diagnostics.charts.theme import CLEAR, base_layout, token
from diagnostics.records import NS_PER_SECOND, Interval


def date(at: int) -> str:
    """A time (ns since the epoch) as Plotly's date axis takes it."""
    return duration.wall_clock(at).removesuffix(" UTC")


def seconds(value: int | None) -> float | None:
    return None if value is None else round(value / NS_PER_SECOND, 9)


def layout(
    most: int, names: Sequence[str], width: int, height: int, ticks: int = 5, span: Interval | None = None, **more: Any
) -> dict[str, Any]:
    """From nothing to ``most`` (ns) with about so many ``ticks``, all of ``span`` (ns) if one is given; ``names`` of
    the traces make the legend, which adds to ``height`` (pixels)."""
    box, legend_height = legend(names, Frame(width, 0, Interval(0, 1)), height)
    quiet = {"size": 11, "color": token("muted")}
    marks = duration.ticks(0, most, ticks)
    side = round(max(labels.text_width(text) for _, text in marks)) + 12
    within = {"range": [date(span.start), date(span.end)]} if span else {}
    return base_layout(
        height + legend_height,
        margin={"l": side, "r": 12, "t": legend_height + 12, "b": 34, "pad": 4, "autoexpand": False},
        legend=box,
        showlegend=True,
        dragmode="zoom",
        xaxis={
            "type": "date",
            **within,
            "tickfont": quiet,
            "showgrid": False,
            "zeroline": False,
            "nticks": max(3, width // 130),
        },
        yaxis={
            "range": [0, most * 1.08 / NS_PER_SECOND],
            "fixedrange": True,
            "tickmode": "array",
            "tickvals": [value / NS_PER_SECOND for value, _ in marks],
            "ticktext": [text for _, text in marks],
            "tickfont": quiet,
            "gridcolor": token("grid"),
            "zerolinecolor": token("guide"),
        },
        plot_bgcolor=CLEAR,
        **more,
    )
