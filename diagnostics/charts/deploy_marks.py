"""Deploys, notes and alerts of others on a trend: when each was, and what it brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plotly.graph_objects import Figure

from diagnostics.charts import duration, labels
from diagnostics.charts.theme import token

MOST = 60  # lines; of more, the newest
MOST_WORDS = 8  # of those, told in words
SIGNS = {"deploy": "▾", "alert": "!", "note": "·"}
COLORS = {"deploy": "series-4", "alert": "failed", "note": "muted"}


@dataclass(frozen=True, slots=True)
class Deploy:
    """What happened at ``time`` (ns since the epoch); ``kind`` is deploy, alert or note."""

    time: int
    kind: str
    words: str


def with_deploys(figure: Figure, deploys: Sequence[Deploy]) -> Figure:
    """Draw them on a figure whose x axis is of dates: a thin line each, the newest named at its top."""
    shown = sorted(deploys, key=lambda one: one.time)[-MOST:]
    for place, one in enumerate(shown):
        at = duration.wall_clock(one.time).removesuffix(" UTC")
        line = {"color": token(COLORS[one.kind]), "width": 1, "dash": "dot"}
        figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, yref="paper", line=line, layer="below")
        if place >= len(shown) - MOST_WORDS:
            figure.add_annotation(
                x=at,
                y=1,
                yref="paper",
                text=f"{SIGNS[one.kind]} {labels.elided(one.words, 110)}",
                hovertext=labels.wrapped(f"{one.kind}: {one.words}", 60) + f"<br>{duration.wall_clock(one.time)}",
                showarrow=False,
                xanchor="left",
                yanchor="top",
                xshift=2,
                yshift=-14 * (place % 3),
                font={"size": 10, "color": token(COLORS[one.kind])},
            )
    if shown:
        counted = ", ".join(f"{words}" for words in dict.fromkeys(one.words for one in shown[-MOST_WORDS:]))
        meta = figure.layout.meta
        figure.update_layout(meta={**meta, "summary": f"{meta['summary']} Marked: {counted}."})
    return figure
