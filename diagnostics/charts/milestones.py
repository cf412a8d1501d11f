"""Milestones as vertical lines whose names neither collide nor leave the figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.charts import labels
from diagnostics.charts.rows import AXIS_HEIGHT, Frame
from diagnostics.charts.theme import token

LEVEL_HEIGHT = 16
LEVELS = 4
NAME_WIDTH = 150


@dataclass(frozen=True, slots=True)
class _Placed:
    time: int
    text: str
    left: float
    level: int


def marks(milestones: Mapping[str, int], frame: Frame) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Lines (layout shapes), names (annotations) and the pixels the names take above the axis.

    Milestones at one instant share a name; a name that finds no free place in four levels is left out, its line stays.
    """
    names = _by_time(milestones, frame)
    placed = _placed(names, frame)
    height = LEVEL_HEIGHT * (1 + max((one.level for one in placed), default=-1))
    return [_line(time, frame) for time in names], [_name(one, frame) for one in placed], height


def _by_time(milestones: Mapping[str, int], frame: Frame) -> dict[int, str]:
    names: dict[int, str] = {}
    for name, time in sorted(milestones.items(), key=lambda item: item[1]):
        if frame.extent.start <= time <= frame.extent.end:
            text = name.replace("_", " ")
            names[time] = f"{names[time]} · {text}" if time in names else text
    return names


def _placed(names: Mapping[int, str], frame: Frame) -> list[_Placed]:
    ends: list[float] = []
    placed = []
    for time, name in names.items():
        text = labels.elided(name, min(NAME_WIDTH, frame.plot_width))
        wide = min(labels.text_width(labels.plain(name)), NAME_WIDTH) * 0.95 + 8
        left = max(0.0, min(frame.at(time) - wide / 2, frame.plot_width - wide))
        level = next((level for level, end in enumerate(ends) if end <= left), len(ends))
        if level == LEVELS:
            continue
        ends[level : level + 1] = [left + wide]
        placed.append(_Placed(time, text, left, level))
    return placed


def _line(time: int, frame: Frame) -> dict[str, Any]:
    x = frame.x(time)
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "layer": "below",
        "line": {"color": token("milestone"), "width": 1.5, "dash": "dot"},
    }


def _name(one: _Placed, frame: Frame) -> dict[str, Any]:
    # Anchored at its own instant and shifted, so that a zoom moves it with its line.
    return {
        "x": frame.x(one.time),
        "xshift": round(one.left - frame.at(one.time), 1),
        "xanchor": "left",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": AXIS_HEIGHT - 4 + one.level * LEVEL_HEIGHT,
        "text": one.text,
        "showarrow": False,
        "font": {"size": 11, "color": token("milestone")},
    }
