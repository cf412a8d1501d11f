"""Two launches on one axis, row by row, each from its own start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from plotly.graph_objects import Figure

from diagnostics.charts import duration, labels, rows
from diagnostics.charts.bar_style import STYLES, Style
from diagnostics.charts.contributions import contributions
from diagnostics.charts.level_of_detail import Bar, BarKind, names
from diagnostics.charts.side_text import SideText, side_texts
from diagnostics.charts.theme import base_layout, figure
from diagnostics.records import Interval

__all__ = ["aligned", "contributions"]

Key = TypeVar("Key")
ROW_HEIGHT = 34
CUSTOMDATA = ("position", "path", "kind", "start", "end", "duration", "side")
# Each row holds the baseline above, thin, and the candidate below it.
SIDES = {"baseline": (-0.42, 0.24, "unaccounted"), "candidate": (-0.12, 0.46, "phase")}


@dataclass(frozen=True, slots=True)
class Pair:
    """One row: the same phase (by path) on both sides, or on one."""

    baseline: Bar | None
    candidate: Bar | None

    @property
    def bar(self) -> Bar:
        bar = self.candidate or self.baseline
        assert bar is not None
        return bar

    def on(self, side: str) -> Bar | None:
        return self.baseline if side == "baseline" else self.candidate


def aligned(
    baseline: Sequence[Bar], candidate: Sequence[Bar], *, origins: tuple[int, int], width: int = 1200
) -> Figure:
    """Two waterfalls with one row a path, in seconds from each launch's own start (``origins``, ns: baseline's first).

    Rows keep the candidate's order; phases that vanished stand where the baseline had them.
    """
    shift = origins[1] - origins[0]
    pairs = _paired([_moved(bar, shift) for bar in baseline], candidate)
    frame = rows.Frame(width, origins[1], _extent(pairs, origins[1], width), ROW_HEIGHT)
    return figure(_traces(pairs, frame), _layout(pairs, frame))


def _moved(bar: Bar, shift: int) -> Bar:
    return replace(bar, start=bar.start + shift, end=bar.end + shift)


def _paired(baseline: Sequence[Bar], candidate: Sequence[Bar]) -> list[Pair]:
    before = _keyed(baseline)
    after = _keyed(candidate)
    order = _merged(list(before), list(after))
    return [Pair(before.get(key), after.get(key)) for key in order]


def _keyed(bars: Sequence[Bar]) -> dict[tuple[str, str, int], Bar]:
    """Bars by what makes them the same on both sides; gaps, which have no path, go by their order."""
    keyed: dict[tuple[str, str, int], Bar] = {}
    for bar in bars:
        again = 0
        while (key := (str(bar.kind), bar.path, again)) in keyed:
            again += 1
        keyed[key] = bar
    return keyed


def _merged(before: Sequence[Key], after: Sequence[Key]) -> list[Key]:
    """``after`` with the keys that only ``before`` has put behind the neighbour they had there."""
    known = set(after)
    following: dict[Key | None, list[Key]] = {}
    anchor: Key | None = None
    for key in before:
        if key in known:
            anchor = key
        else:
            following.setdefault(anchor, []).append(key)
    merged = list(following.get(None, ()))
    for key in after:
        merged += [key, *following.get(key, ())]
    return merged


def _extent(pairs: Sequence[Pair], origin: int, width: int) -> Interval:
    sides = [bar for pair in pairs for bar in (pair.baseline, pair.candidate) if bar]
    start = min([origin, *(bar.start for bar in sides)])
    end = max([start + 1, *(bar.end for bar in sides)])
    room = min(0.4, 190 / rows.plot_width(width))
    return Interval(start - (end - start) // 200, end + round((end - start) * room))


def _traces(pairs: Sequence[Pair], frame: rows.Frame) -> list[dict[str, Any]]:
    texts = [_side_text(pair, row) for row, pair in enumerate(pairs)]
    sides = [trace for side in SIDES for trace in _side(pairs, frame, side)]
    bottom = "x3" if len(pairs) > rows.TALL else "x"
    return [*sides, *rows.label_traces(_labels(pairs), frame), side_texts(texts, frame, bottom)]


def _side(pairs: Sequence[Pair], frame: rows.Frame, side: str) -> list[dict[str, Any]]:
    """One launch's bars, a trace for each look; the legend names the side once."""
    groups: dict[tuple[BarKind, bool], list[int]] = {}
    for row, pair in enumerate(pairs):
        if bar := pair.on(side):
            groups.setdefault((bar.kind, bar.critical), []).append(row)
    traces = [_bars(pairs, frame, side, members) for _, members in sorted(groups.items(), key=_phases_first)]
    return [trace | {"showlegend": rank == 0} for rank, trace in enumerate(traces)]


def _phases_first(group: tuple[tuple[BarKind, bool], list[int]]) -> tuple[bool, bool]:
    (kind, critical), _ = group
    return (kind != BarKind.PHASE, critical)


def _bars(pairs: Sequence[Pair], frame: rows.Frame, side: str, members: Sequence[int]) -> dict[str, Any]:
    chosen = [(pairs[row], bar) for row in members if (bar := pairs[row].on(side))]
    least = round(2 * frame.pixel / 1e9, 9)
    offset, width, color = SIDES[side]
    return {
        "type": "bar",
        "orientation": "h",
        "name": side,
        "base": [frame.x(bar.start) for _, bar in chosen],
        "x": [max(round((bar.end - bar.start) / 1e9, 9), least) for _, bar in chosen],
        "y": list(members),
        "offset": offset,
        "width": width,
        "marker": _style(chosen[0][1], color).marker(chosen[0][1].critical),
        "hovertext": [_tip(bar, pair, side, frame) for pair, bar in chosen],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [_customdata(bar, side) for _, bar in chosen],
        "meta": {"role": "bars", "side": side, "critical": chosen[0][1].critical},
    }


def _style(bar: Bar, color: str) -> Style:
    return Style("phase", "", color) if bar.kind == BarKind.PHASE else STYLES[str(bar.kind)]


def _tip(bar: Bar, pair: Pair, side: str, frame: rows.Frame) -> str:
    lines = [
        f"{labels.wrapped(bar.label, 80 if frame.width >= 640 else 38)}",
        f"{side}: {duration.human(bar.duration)}, from {duration.signed(bar.start - frame.origin)}",
    ]
    if pair.baseline and pair.candidate:
        lines.append(f"{_change(pair)} against the baseline's {duration.human(pair.baseline.duration)}")
    else:
        lines.append(f"only in the {side}")
    return "<br>".join(lines)


def _customdata(bar: Bar, side: str) -> list[Any]:
    return [bar.position, bar.path, str(bar.kind), str(bar.start), str(bar.end), str(bar.duration), side]


def _labels(pairs: Sequence[Pair]) -> list[rows.RowLabel]:
    shown = [pair.bar for pair in pairs]
    return [_label(pair, name) for pair, name in zip(pairs, names(shown), strict=True)]


def _label(pair: Pair, name: str) -> rows.RowLabel:
    return rows.RowLabel(name, pair.bar.depth, quiet=pair.bar.kind != BarKind.PHASE, note=_note(pair))


def _note(pair: Pair) -> str:
    if pair.bar.kind != BarKind.PHASE:
        return ""
    return "(new)" if pair.baseline is None else "(gone)" if pair.candidate is None else ""


def _side_text(pair: Pair, row: int) -> SideText:
    return SideText(row, _text(pair), duration.human(pair.bar.duration), *_span(pair), _color(pair))


def _text(pair: Pair) -> str:
    if pair.candidate is None:
        return f"− gone, was {duration.human(pair.bar.duration)}"
    if pair.baseline is None:
        return f"+ new, {duration.human(pair.bar.duration)}"
    return f"{duration.human(pair.candidate.duration)} {_change(pair)}".rstrip()


def _change(pair: Pair) -> str:
    """The difference with an arrow; nothing when it is too small to print differently."""
    if pair.baseline is None or pair.candidate is None:
        return ""
    before, after = pair.baseline.duration, pair.candidate.duration
    if duration.human(before) == duration.human(after):
        return "="
    return f"{'▲' if after > before else '▼'} {duration.signed(after - before)}"


def _color(pair: Pair) -> str:
    change = (pair.candidate.duration if pair.candidate else 0) - (pair.baseline.duration if pair.baseline else 0)
    # Half a percent of a phase is no news in a picture; the table beside it has the statistics.
    if abs(change) * 200 <= pair.bar.duration:
        return "ink"
    return "regressed" if change > 0 else "improved"


def _span(pair: Pair) -> tuple[int, int]:
    sides = [bar for bar in (pair.baseline, pair.candidate) if bar]
    return min(bar.start for bar in sides), max(bar.end for bar in sides)


def _layout(pairs: Sequence[Pair], frame: rows.Frame) -> dict[str, Any]:
    bottom = rows.AXIS_HEIGHT if len(pairs) > rows.TALL else 6
    plot_height = max(1, len(pairs)) * ROW_HEIGHT
    below = rows.AXIS_HEIGHT + plot_height + bottom
    legend, legend_height = rows.legend(["baseline", "candidate"], frame, below)
    top = legend_height + rows.AXIS_HEIGHT
    return base_layout(
        top + bottom + plot_height,
        margin={"l": rows.MARGIN_LEFT, "r": rows.MARGIN_RIGHT, "t": top, "b": bottom, "pad": 0, "autoexpand": False},
        barmode="overlay",
        bargap=0,
        dragmode="zoom",
        legend=legend,
        showlegend=True,
        meta=_meta(pairs, frame),
        **rows.axes(frame, len(pairs)),
    )


def _meta(pairs: Sequence[Pair], frame: rows.Frame) -> dict[str, Any]:
    only: Mapping[str, int] = {
        "appeared": sum(_note(pair) == "(new)" for pair in pairs),
        "vanished": sum(_note(pair) == "(gone)" for pair in pairs),
    }
    said = ", ".join(f"{count} {word}" for word, count in only.items() if count)
    summary = f"Baseline and candidate side by side, {len(pairs)} rows" + (f": {said}." if said else ".")
    return {
        "kind": "aligned",
        "origin": str(frame.origin),
        "gutter": frame.gutter,
        "rowHeight": frame.row_height,
        "rows": len(pairs),
        "columns": list(CUSTOMDATA),
        "summary": summary,
    }
