"""How a service's launches started over time: the share of cold, warm and hot ones, in groups of launches."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plotly.graph_objects import Figure

from diagnostics.charts import duration
from diagnostics.charts.rows import Frame, legend
from diagnostics.charts.theme import CLEAR, base_layout, figure, token
from diagnostics.records import Interval

HEIGHT = 130
LEAST, MOST_STEPS = 10, 40  # launches in a group, and groups
# Coldest at the bottom; the pattern says it without colour.
CLASSES = (("cold", "series-1", ""), ("warm", "series-5", "/"), ("hot", "series-2", ""), ("", "ghost", ""))


@dataclass(frozen=True, slots=True)
class Started:
    """One launch: its start (ns since the epoch) and its start class, ``""`` where no fact tells."""

    start_time: int
    start_class: str


def start_class_mix(launches: Sequence[Started], width: int = 1000) -> Figure:
    """Stacked shares (0..100 %) of the classes, a step for each group of at least ten launches next to each other.

    ``customdata`` of a step is ``[launches of the class, launches of the group]``; the last step's value comes again at
    the newest launch, where it ends.
    """
    ordered = sorted(launches, key=lambda launch: launch.start_time)
    groups = _groups(ordered)
    traces = [trace for name, color, shape in CLASSES if (trace := _trace(groups, name, color, shape))]
    return figure(traces, _layout(ordered, [str(trace["name"]) for trace in traces], width))


def _groups(ordered: Sequence[Started]) -> list[Sequence[Started]]:
    size = max(LEAST, -(-len(ordered) // MOST_STEPS))
    # The oldest group is the one that may be small: what is new should not look like more than it is.
    first = len(ordered) % size
    cuts = [0, *range(first or size, len(ordered) + 1, size)] if ordered else [0]
    return [ordered[a:b] for a, b in itertools.pairwise(cuts)]


def _trace(groups: Sequence[Sequence[Started]], name: str, color: str, shape: str) -> dict[str, Any]:
    counts = [sum(launch.start_class == name for launch in group) for group in groups]
    if not any(counts):
        return {}
    label = name or "unknown"
    ends = [*(group[0].start_time for group in groups), groups[-1][-1].start_time]
    shares = [100 * count / len(group) for count, group in zip(counts, groups, strict=True)]
    return {
        "type": "scatter",
        "name": label,
        "x": [duration.wall_clock(time).removesuffix(" UTC") for time in ends],
        "y": [*shares, shares[-1]],
        "customdata": [[count, len(group)] for count, group in zip(counts, groups, strict=True)],
        "mode": "lines",
        "stackgroup": "shares",
        "line": {"width": 0, "shape": "hv"},
        "fillcolor": token(color),
        "fillpattern": {"shape": shape, "size": 6, "solidity": 0.15, "fillmode": "overlay"},
        "hovertemplate": f"%{{customdata[0]}} of %{{customdata[1]}} launches {label}<br>from %{{x}} on<extra></extra>",
        "meta": {"role": "mix"},
    }


def _layout(ordered: Sequence[Started], names: Sequence[str], width: int) -> dict[str, Any]:
    box, legend_height = legend(names, Frame(width, 0, Interval(0, 1)), HEIGHT)
    quiet = {"size": 11, "color": token("muted")}
    return base_layout(
        HEIGHT + legend_height,
        margin={"l": 46, "r": 12, "t": legend_height + 12, "b": 34, "pad": 4, "autoexpand": False},
        legend=box,
        showlegend=True,
        xaxis={"type": "date", "tickfont": quiet, "showgrid": False, "zeroline": False, "nticks": max(3, width // 130)},
        yaxis={
            "range": [0, 100],
            "fixedrange": True,
            "tickvals": [0, 50, 100],
            "ticktext": ["0", "50 %", "100 %"],
            "tickfont": quiet,
            "gridcolor": token("grid"),
        },
        meta={"kind": "start-class-mix", "rows": len(ordered), "summary": _summary(ordered)},
        plot_bgcolor=CLEAR,
    )


def _summary(ordered: Sequence[Started]) -> str:
    counts = Counter(launch.start_class for launch in ordered)
    told = [f"{counts[name]} {name or 'unknown'}" for name, _, _ in CLASSES if counts[name]]
    return f"Of {len(ordered)} launches {', '.join(told)}." if ordered else "No launches yet."
