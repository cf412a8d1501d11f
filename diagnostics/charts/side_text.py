"""Texts beside bars: their durations and marks, wherever there is room for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.charts import labels
from diagnostics.charts.rows import Frame
from diagnostics.charts.theme import token


@dataclass(frozen=True, slots=True)
class SideText:
    """A text beside what is drawn from ``start`` to ``end`` (ns): ``short`` where ``text`` finds no room, and the
    colour tokens beside it and on it.
    """

    row: float
    text: str
    short: str
    start: int
    end: int
    color: str = "ink"
    color_on: str = "on-bar"


def side_texts(texts: Sequence[SideText], frame: Frame, x_axis: str = "x") -> dict[str, Any]:
    """Texts to the right of their bars, else to the left, else on them: always whole, always inside the plot."""
    placed = [_place(text, frame) for text in texts]
    return {
        "type": "scatter",
        "mode": "text",
        "xaxis": x_axis,
        "x": [one.x for one in placed],
        "y": [text.row for text in texts],
        "text": [one.text for one in placed],
        "textposition": [one.position for one in placed],
        "textfont": {"size": 11, "color": [token(one.color) for one in placed]},
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"role": "durations"},
    }


@dataclass(frozen=True, slots=True)
class _Placed:
    x: float
    position: str
    text: str
    color: str


def _place(text: SideText, frame: Frame) -> _Placed:
    start, end = max(text.start, frame.extent.start), min(text.end, frame.extent.end)
    padding = round(3 * frame.pixel)
    after, before = frame.x(end + padding), frame.x(start - padding)
    for words in (text.text, text.short):
        need = _needed(words)
        if frame.at(end) + need <= frame.plot_width:
            return _Placed(after, "middle right", words, text.color)
        if frame.at(start) >= need:
            return _Placed(before, "middle left", words, text.color)
    inside = frame.at(end) - frame.at(start)
    words = next((words for words in (text.text, text.short) if _needed(words) <= inside), "")
    return _Placed(frame.x(end - padding), "middle left", words, text.color_on)


def _needed(words: str) -> float:
    return labels.text_width(words) * 0.95 + 8
