"""Change points on a trend: where the level changed, by how much in words, and the levels between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plotly.graph_objects import Figure

from diagnostics.charts import duration
from diagnostics.charts.theme import token
from diagnostics.records import NS_PER_SECOND

MOST_WORDS = 6  # marks that are told in words beside them; more would cover each other


@dataclass(frozen=True, slots=True)
class Mark:
    """A change at ``time`` (ns since the epoch) from ``before`` to ``after`` ns; ``kind`` is step or drift."""

    time: int
    before: int
    after: int
    kind: str = "step"
    confirmed: bool = True

    @property
    def words(self) -> str:
        """“+1.2 s (1.31×)”, “suspected: …”, “drift: …”."""
        ratio = f" ({self.after / self.before:.2f}×)" if self.before else ""
        said = f"{duration.signed(self.after - self.before)}{ratio}"
        kind = "" if self.confirmed else "suspected: "
        return f"{kind}{'drift: ' if self.kind == 'drift' else ''}{said}"

    @property
    def color(self) -> str:
        return "regressed" if self.after > self.before else "improved"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A level of ``height`` ns from ``start`` to ``end`` (ns since the epoch)."""

    start: int
    end: int
    height: int


def marked(figure: Figure, marks: Sequence[Mark], stretches: Sequence[Stretch], looked_at: int) -> Figure:
    """Draw the marks on a trend, a vertical line each; ``looked_at`` launches were enough to look for them, or 0."""
    for stretch in stretches:
        y = stretch.height / NS_PER_SECOND
        line = {"color": token("ink"), "width": 1.5}
        figure.add_shape(type="line", x0=stamp(stretch.start), x1=stamp(stretch.end), y0=y, y1=y, line=line)
    told = sorted(marks, key=lambda mark: mark.time)[-MOST_WORDS:]
    for mark in marks:
        dash = "dot" if mark.kind == "drift" else "solid" if mark.confirmed else "dash"
        at, line = stamp(mark.time), {"color": token(mark.color), "width": 1.5, "dash": dash}
        figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, yref="paper", line=line)
        if mark in told:
            _say(figure, mark, told.index(mark) % 3)
    if not marks:
        _say_nothing_found(figure, summary(marks, looked_at))
    meta = figure.layout.meta
    figure.update_layout(meta={**meta, "summary": f"{meta['summary']} {summary(marks, looked_at)}".strip()})
    return figure


def _say(figure: Figure, mark: Mark, row: int) -> None:
    times = [point for trace in figure.data for point in (trace.x or ())]
    right = bool(times) and stamp(mark.time) > sorted(times)[len(times) // 2]
    figure.add_annotation(
        x=stamp(mark.time),
        y=0,
        yref="paper",
        text=mark.words,
        showarrow=False,
        xanchor="right" if right else "left",
        yanchor="bottom",
        xshift=-4 if right else 4,
        yshift=4 + 16 * row,
        font={"size": 11, "color": token(mark.color)},
        bgcolor=token("tip"),
    )


def _say_nothing_found(figure: Figure, words: str) -> None:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "bottom"}
    font = {"size": 11, "color": token("muted")}
    figure.add_annotation(**place, text=words, showarrow=False, xshift=4, yshift=4, font=font, bgcolor=token("tip"))


def summary(marks: Sequence[Mark], looked_at: int) -> str:
    """The change points in words, for those who cannot see them drawn."""
    if marks:
        return "Changes: " + "; ".join(f"{stamp(mark.time)[:16]} {mark.words}" for mark in marks) + "."
    return "No change found." if looked_at else "Too few launches to look for changes."


def stamp(time: int) -> str:
    return duration.wall_clock(time).removesuffix(" UTC")
