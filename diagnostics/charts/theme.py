"""Colours by name. Figures carry tokens (``var(--ls-…)``); the page resolves them from static/css/plotly.css, so one
figure serves both themes. ``PALETTES`` holds the same values for whoever draws without a page (reports, exports).
"""

from __future__ import annotations

import re
from typing import Any

from plotly.graph_objects import Figure

# Blue, orange, crimson and teal stay apart in colour-blind eyes; a shape or a word always says the same.
PALETTES: dict[str, dict[str, str]] = {
    "light": {
        "ink": "#1f2937",
        "muted": "#56616f",
        "grid": "#e3e7ed",
        "guide": "#b9c1cc",
        "phase": "#3b6fd4",
        "outline": "#0b1526",
        "on-bar": "#ffffff",
        "regressed": "#b84a08",
        "improved": "#0b7a6b",
        "failed": "#b4174a",
        "failed-stripe": "#d96a8d",
        "others": "#a9bde3",
        "unaccounted": "#808a99",
        "ghost": "#d5dae2",
        "milestone": "#0b7a6b",
        "tip": "#ffffff",
        "tip-edge": "#aab3bf",
        "series-1": "#3b6fd4",
        "series-2": "#b84a08",
        "series-3": "#0b7a6b",
        "series-4": "#8a3ea8",
        "series-5": "#8a6a00",
        "series-6": "#b4174a",
    },
    "dark": {
        "ink": "#e8ecf2",
        "muted": "#a9b3c1",
        "grid": "#3a414b",
        "guide": "#5a6573",
        "phase": "#7ba6f7",
        "outline": "#ffffff",
        "on-bar": "#0b1526",
        "regressed": "#f79a4d",
        "improved": "#4ecdb9",
        "failed": "#ff8fac",
        "failed-stripe": "#c94f76",
        "others": "#54699a",
        "unaccounted": "#8f99a8",
        "ghost": "#454f5e",
        "milestone": "#4ecdb9",
        "tip": "#161b22",
        "tip-edge": "#5a6573",
        "series-1": "#7ba6f7",
        "series-2": "#f79a4d",
        "series-3": "#4ecdb9",
        "series-4": "#d7a1ee",
        "series-5": "#dcc25a",
        "series-6": "#ff8fac",
    },
}
PAPER = {"light": "#ffffff", "dark": "#1f2937"}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Noto Sans CJK SC', sans-serif"
CLEAR = "rgba(0,0,0,0)"
_TOKEN = re.compile(r"var\(--ls-([a-z0-9-]+)\)")


def token(name: str) -> str:
    """The colour ``name`` as figures carry it; ``KeyError`` when no palette has it."""
    PALETTES["light"][name]
    return f"var(--ls-{name})"


def resolved(figure: Any, theme: str) -> Any:
    """A copy of a figure's dict with every token replaced by its ``"light"`` or ``"dark"`` colour."""
    if isinstance(figure, dict):
        return {key: resolved(value, theme) for key, value in figure.items()}
    if isinstance(figure, list | tuple):
        return [resolved(value, theme) for value in figure]
    if isinstance(figure, str) and figure.startswith("var(") and (match := _TOKEN.fullmatch(figure)):
        return PALETTES[theme][match[1]]
    return figure


def plain(figure: Figure, theme: str) -> dict[str, Any]:
    """A figure as ``{"data", "layout"}`` with the colours of a theme and a background of its own."""
    spec: dict[str, Any] = resolved(figure.to_dict(), theme)
    spec["layout"] |= {"paper_bgcolor": PAPER[theme], "plot_bgcolor": PAPER[theme]}
    return {"data": spec["data"], "layout": spec["layout"]}


def figure(data: list[dict[str, Any]], layout: dict[str, Any]) -> Figure:
    """Plain dicts as a ``Figure``. Plotly's own checking would triple the cost of every request; the tests do it."""
    return Figure({"data": data, "layout": layout}, _validate=False)


def base_layout(height: int, **more: Any) -> dict[str, Any]:
    """What every figure shares: fonts, clear backgrounds, hover box, no motion; ``height`` in pixels."""
    return {
        "height": height,
        "autosize": True,
        "font": {"family": FONT, "size": 12, "color": token("ink")},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": token("tip"),
            "bordercolor": token("tip-edge"),
            "font": {"family": FONT, "size": 12, "color": token("ink")},
            "align": "left",
        },
        "template": {},
    } | more
