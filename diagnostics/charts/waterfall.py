"""The waterfall of a launch: one row per bar, few traces, every exact value in ``customdata``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plotly.graph_objects import Figure

from diagnostics.charts import duration, labels, rows, uncertain_edges
from diagnostics.charts import milestones as milestone_marks
from diagnostics.charts.bar_style import LEGEND_ORDER, STYLES, Style, tone
from diagnostics.charts.level_of_detail import Bar, BarKind, names
from diagnostics.charts.side_text import SideText, side_texts
from diagnostics.charts.theme import CLEAR, base_layout, figure, token
from diagnostics.records import Flag, Interval, PhaseStatus

ROW_HEIGHT = 24
# Where <plotly-chart> puts its zoom buttons; a narrow one has them on a line of their own.
BUTTONS_WIDTH, NARROW = 100, 640
CUSTOMDATA = ("position", "path", "kind", "foldable", "folded", "start", "end", "duration")
_NO_FLAGS: Mapping[str, Flag] = {}


def waterfall(
    bars: Sequence[Bar],
    *,
    origin: int,
    window: Interval,
    milestones: Mapping[str, int],
    flags: Mapping[str, Flag] = _NO_FLAGS,
    launch: Interval | None = None,
    width: int = 1200,
) -> Figure:
    """Rows as horizontal bars from each one's start, in seconds from ``origin`` (ns since the epoch).

    ``launch`` is the whole launch (default: the window), ``flags`` go by phase path, ``width`` is the figure's in
    pixels. ``layout.meta`` carries what ``<plotly-chart>`` needs: origin, window, full extent (strings of ns), summary.
    """
    launch = launch or window
    frame = rows.Frame(width, origin, _extent(bars, window, launch, width), ROW_HEIGHT)
    return figure(_traces(bars, frame, launch, flags), _layout(bars, frame, milestones, launch, flags))


def _extent(bars: Sequence[Bar], window: Interval, launch: Interval, width: int) -> Interval:
    """What the axis shows: a zoomed window as asked; the whole launch with all its bars and room for the last text."""
    if window.start > launch.start or window.end < launch.end:
        return window
    ghosts = [bar.ghost for bar in bars if bar.ghost]
    start = min([window.start, *(bar.start for bar in bars), *(ghost.start for ghost in ghosts)])
    end = max([window.end, start + 1, *(bar.end for bar in bars), *(ghost.end for ghost in ghosts)])
    room = 90 / rows.plot_width(width)
    return Interval(start - (end - start) // 200, end + round((end - start) * min(0.3, room)))


def _layout(
    bars: Sequence[Bar], frame: rows.Frame, milestones: Mapping[str, int], launch: Interval, flags: Mapping[str, Flag]
) -> dict[str, Any]:
    lines, milestone_names, names_height = milestone_marks.marks(milestones, frame)
    bottom = rows.AXIS_HEIGHT if len(bars) > rows.TALL else 6
    plot_height = max(1, len(bars)) * frame.row_height
    entries = _legend_entries(bars, flags)
    below = names_height + rows.AXIS_HEIGHT + plot_height + bottom
    legend, legend_height = rows.legend(entries, frame, below, BUTTONS_WIDTH if frame.width >= NARROW else 0)
    top = legend_height + names_height + rows.AXIS_HEIGHT
    margin = {"l": rows.MARGIN_LEFT, "r": rows.MARGIN_RIGHT, "t": top, "b": bottom, "pad": 0, "autoexpand": False}
    return base_layout(
        top + bottom + plot_height,
        margin=margin,
        barmode="overlay",
        bargap=0,
        dragmode="zoom",
        shapes=lines,
        annotations=milestone_names,
        legend=legend,
        showlegend=True,
        meta=_meta(bars, frame, launch, flags),
        **rows.axes(frame, len(bars)),
    )


def _meta(bars: Sequence[Bar], frame: rows.Frame, launch: Interval, flags: Mapping[str, Flag]) -> dict[str, Any]:
    return {
        "kind": "waterfall",
        "origin": str(frame.origin),
        "window": [str(frame.extent.start), str(frame.extent.end)],
        "launch": [str(launch.start), str(launch.end)],
        "gutter": frame.gutter,
        "rowHeight": frame.row_height,
        "rows": len(bars),
        "columns": list(CUSTOMDATA),
        "summary": summary(bars, launch, flags),
    }


def summary(bars: Sequence[Bar], launch: Interval, flags: Mapping[str, Flag] = _NO_FLAGS) -> str:
    """The chart in one sentence or three, for who cannot see it."""
    phases = [bar for bar in bars if bar.kind == BarKind.PHASE]
    parts = [f"Waterfall of a launch of {duration.human(launch.duration)}, {len(bars)} rows."]
    if leaves := [bar for bar in phases if bar.critical]:
        longest = max(leaves, key=lambda bar: bar.self_time or 0)
        parts.append(f"On the critical path {labels.plain(longest.label)} took {duration.human(longest.duration)}.")
    if gaps := sum(bar.duration for bar in bars if bar.kind == BarKind.UNACCOUNTED):
        parts.append(f"{duration.human(gaps)} unaccounted.")
    if failed := sum(bar.status == PhaseStatus.FAILED for bar in phases):
        parts.append(f"{failed} failed.")
    if flagged := sum(bar.path in flags for bar in phases):
        parts.append(f"{flagged} flagged against the baseline.")
    return " ".join(parts)


def _legend_entries(bars: Sequence[Bar], flags: Mapping[str, Flag]) -> list[str]:
    present = {tone(bar, flags) for bar in bars}
    entries = [STYLES[one].name for one in LEGEND_ORDER if one in present]
    extra = {
        "on the critical path": any(bar.critical for bar in bars),
        "baseline": any(bar.ghost for bar in bars),
        uncertain_edges.NAME: any(map(uncertain_edges.is_uncertain, bars)),
    }
    return entries + [name for name, wanted in extra.items() if wanted]


def _traces(
    bars: Sequence[Bar], frame: rows.Frame, launch: Interval, flags: Mapping[str, Flag]
) -> list[dict[str, Any]]:
    groups: dict[tuple[str, bool], list[int]] = {}
    for index, bar in enumerate(bars):
        # A group that holds critical phases is mostly the time between them: no outline.
        groups.setdefault((tone(bar, flags), bar.critical and bar.kind == BarKind.PHASE), []).append(index)
    shown = _Drawing(bars, frame, launch, flags)
    ordered = sorted(groups.items(), key=lambda item: (LEGEND_ORDER.index(item[0][0]), item[0][1]))
    named: set[str] = set()
    traces = shown.ghosts()
    for (name, critical), members in ordered:
        traces.append(shown.bars(STYLES[name], critical, members) | {"showlegend": name not in named})
        named.add(name)
    if any(bar.critical for bar in bars):
        traces.append(_critical_key())
    traces += uncertain_edges.whiskers(bars, frame)
    texts = [_side_text(bar, index, flags) for index, bar in enumerate(bars)]
    bottom_axis = "x3" if len(bars) > rows.TALL else "x"
    return [*traces, *rows.label_traces(_labels(bars), frame), side_texts(texts, frame, bottom_axis)]


class _Drawing:
    """The traces of one figure from its bars."""

    def __init__(self, all_bars: Sequence[Bar], frame: rows.Frame, launch: Interval, flags: Mapping[str, Flag]) -> None:
        self.all, self.frame, self.launch, self.flags = all_bars, frame, launch, flags

    def bars(self, style: Style, critical: bool, members: Sequence[int]) -> dict[str, Any]:
        chosen = [self.all[index] for index in members]
        return self._extents([(bar.start, bar.end) for bar in chosen], members) | {
            "name": style.name,
            "legendrank": 10,
            "width": 0.62,
            "marker": style.marker(critical),
            "hovertext": [self._tip(bar) for bar in chosen],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "customdata": [_customdata(bar) for bar in chosen],
            "meta": {"role": "bars", "tone": style.tone, "critical": critical},
        }

    def ghosts(self) -> list[dict[str, Any]]:
        members = [index for index, bar in enumerate(self.all) if bar.ghost]
        if not members:
            return []
        extents = [(ghost.start, ghost.end) for index in members if (ghost := self.all[index].ghost)]
        return [
            self._extents(extents, members)
            | {
                "name": "baseline",
                "legendrank": 30,
                "width": 0.94,
                "marker": {"color": token("ghost"), "line": {"width": 0}},
                "hoverinfo": "skip",
                "meta": {"role": "baseline"},
            }
        ]

    def _extents(self, extents: Sequence[tuple[int, int]], members: Sequence[int]) -> dict[str, Any]:
        # Plotly leaves out a bar of no length; two pixels keep a short phase findable, customdata has the truth.
        least = round(2 * self.frame.pixel / 1e9, 9)
        return {
            "type": "bar",
            "orientation": "h",
            "base": [self.frame.x(start) for start, _ in extents],
            "x": [max(round((end - start) / 1e9, 9), least) for start, end in extents],
            "y": list(members),
        }

    def _tip(self, bar: Bar) -> str:
        columns = 80 if self.frame.width >= 640 else 38
        lines = [f"{labels.wrapped(_title(bar), columns)}", *self._times(bar), *_facts(bar)]
        if bar.ghost:
            lines.append(f"baseline {duration.human(bar.ghost.duration)}")
        if bar.kind == BarKind.PHASE and (flag := self.flags.get(bar.path)):
            lines.append(f"{duration.ratio(flag.ratio)} of the expected {duration.human(flag.expected)}")
        return "<br>".join(lines)

    def _times(self, bar: Bar) -> list[str]:
        of_total = duration.share(bar.duration, self.launch.duration)
        word = "together" if bar.kind == BarKind.OTHERS else "took"
        off = f" ± {duration.human(bar.precision)} at either edge" if uncertain_edges.is_uncertain(bar) else ""
        return [
            f"{word} {duration.human(bar.duration)}{off}" + (f" · {of_total} of the launch" if of_total else ""),
            f"from {duration.signed(bar.start - self.frame.origin)} · {duration.wall_clock(bar.start)}",
        ]


def _title(bar: Bar) -> str:
    return f"{bar.label} ({bar.status})" if bar.status == PhaseStatus.FAILED else bar.label


def _facts(bar: Bar) -> list[str]:
    """What else is known, each fact on a line; shorter phases are grouped, so some have no time of their own."""
    if bar.kind == BarKind.UNACCOUNTED:
        return ["no phase covers this time"]
    if bar.kind == BarKind.OTHERS:
        return ["click to zoom to them"]
    slack = "on the critical path" if bar.critical else f"slack {duration.human(bar.slack or 0)}"
    facts = [f"itself {duration.human(bar.self_time or 0)} · {slack}"]
    if bar.lane:
        facts.append(f"lane {labels.elided(bar.lane, 240)}")
    if bar.folded:
        facts.append(f"{bar.count} phases folded")
    return facts


def _customdata(bar: Bar) -> list[Any]:
    exact = (str(bar.start), str(bar.end), str(bar.duration))
    return [bar.position, bar.path, str(bar.kind), int(bar.foldable), int(bar.folded), *exact]


def _labels(bars: Sequence[Bar]) -> list[rows.RowLabel]:
    return [_label(bar, name) for bar, name in zip(bars, names(bars), strict=True)]


def _label(bar: Bar, text: str) -> rows.RowLabel:
    mark = ("▸" if bar.folded else "▾") if bar.foldable else ""
    return rows.RowLabel(
        text,
        bar.depth,
        mark,
        quiet=bar.kind != BarKind.PHASE,
        note=f"+{bar.count}" if bar.folded else "",
    )


def _side_text(bar: Bar, row: int, flags: Mapping[str, Flag]) -> SideText:
    color = {"regressed": "regressed", "improved": "improved", "failed": "failed"}.get(tone(bar, flags), "ink")
    took = duration.human(bar.duration)
    parts = [took]
    if bar.critical and bar.kind == BarKind.PHASE:
        parts.insert(0, "◆")
    if bar.status == PhaseStatus.FAILED:
        parts.append("✕ failed")
    if bar.kind == BarKind.PHASE and (flag := flags.get(bar.path)):
        parts.append(f"{'▲' if flag.ratio > 1 else '▼'} {duration.ratio(flag.ratio)}")
    color_on = "on-bar" if bar.kind == BarKind.PHASE else "ink"
    # Beside the whisker, not on it.
    off = bar.precision if uncertain_edges.is_uncertain(bar) else 0
    return SideText(row, " ".join(parts), took, bar.start - off, bar.end + off, color, color_on)


def _critical_key() -> dict[str, Any]:
    """An entry for the legend only: the outline that marks the critical path."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": [None],
        "y": [None],
        "name": "◆ critical path",
        "legendrank": 20,
        "marker": {"color": CLEAR, "line": {"color": token("outline"), "width": 1.6}},
        "hoverinfo": "skip",
        "meta": {"role": "key"},
    }
