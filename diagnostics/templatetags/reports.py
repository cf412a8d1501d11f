"""A report's words and bars in templates; the words are those of ``reporting.words``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django import template

from diagnostics.reporting import words
from diagnostics.reporting.content import Row, Waterfall

register = template.Library()
WORDS: dict[str, Callable[..., str]] = {
    "change": words.change,
    "improved": words.improved,
    "interval": words.interval,
    "grounds": words.grounds,
    "layer": words.layer,
    "part": words.part,
    "part_change": words.part_change,
    "classes": words.classes,
    "why_not": words.why_not,
    "at": words.at,
    "period": words.period,
    "catch_up": words.catch_up,
    "scope": words.scope,
    "failed": words.failed,
    "service_name": words.service,
    "phase_name": words.phase,
    "launch_count": words.launches,
    "share_words": words.share,
    "percent_words": words.percent,
}
for name, function in WORDS.items():
    register.filter(name, function)


@dataclass(frozen=True, slots=True)
class Cells:
    """One bar as three table cells, in percent of the whole; ``last`` is what is right of it."""

    first: int
    bar: int
    last: int
    duration: int


@dataclass(frozen=True, slots=True)
class Tone:
    """``name`` is the class that dark mode colours it by."""

    name: str
    colour: str
    height: int  # pixels


WAS, NOW, SLOW = Tone("was", "#b3bbc7", 5), Tone("now", "#3b6fd4", 9), Tone("slow", "#d9640f", 9)


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    indent: int  # pixels
    baseline: Cells | None
    candidate: Cells | None
    slower: bool

    @property
    def bars(self) -> list[tuple[Cells, Tone]]:
        """The baseline's above the candidate's."""
        sides = ((self.baseline, WAS), (self.candidate, SLOW if self.slower else NOW))
        return [(cells, tone) for cells, tone in sides if cells]


@register.filter
def change_of(one: object) -> str:
    """The state of a regression in the report: new, back again, continuing …"""
    return str(words.CHANGES.get(getattr(one, "change", ""), ""))


@register.filter
def drawn(waterfall: Waterfall) -> Iterable[Line]:
    """The rows of a waterfall as mail clients can draw them."""
    return [_line(row, waterfall.span_ns) for row in waterfall.rows]


def _line(row: Row, span: int) -> Line:
    sides = [_cells(side, span) if side else None for side in (row.baseline, row.candidate)]
    before, after = (side[1] if side else 0 for side in (row.baseline, row.candidate))
    # A fifth more is what the eye sees in bars this size; the numbers beside them tell the rest.
    return Line(row.label, row.depth * 10, sides[0], sides[1], after > before * 1.2)


def _cells(side: tuple[int, int], span: int) -> Cells:
    first = min(99, max(0, round(100 * side[0] / span)))
    bar = min(100 - first, max(1, round(100 * side[1] / span)))
    return Cells(first, bar, 100 - first - bar, side[1])
