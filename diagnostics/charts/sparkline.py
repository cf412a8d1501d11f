"""A tiny line of totals for a table cell: inline SVG, drawn without Plotly, coloured by the page's text colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from diagnostics.charts import duration

WIDTH, HEIGHT, PAD = 120, 28, 3


def sparkline(totals: Sequence[int], say: Callable[[str], str] = str) -> str:
    """``totals`` (ns, oldest first) as an ``<svg>``; its title says the newest, the least and the most, as ``say`` has
    them in the reader's language.

    Presentation attributes only, no ``style``: a strict CSP lets it stand. No totals, no picture: an empty string.
    """
    if not totals:
        return ""
    points = _points(totals)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg class="ls-sparkline" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
        f"<title>{escape(say(_title(totals)))}</title>"
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"'
        ' stroke-linecap="round" opacity="0.7"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="currentColor"/></svg>'
    )


def _points(totals: Sequence[int]) -> list[tuple[float, float]]:
    least, most = min(totals), max(totals)
    # Noise must not look like a mountain range: the scale spans a tenth of the largest total at least.
    span = max(most - least, most / 10, 1)
    base = (most + least - span) / 2
    step = (WIDTH - 2 * PAD) / max(1, len(totals) - 1)
    left = PAD if len(totals) > 1 else WIDTH / 2
    room = HEIGHT - 2 * PAD
    return [(left + index * step, HEIGHT - PAD - (total - base) / span * room) for index, total in enumerate(totals)]


def _title(totals: Sequence[int]) -> str:
    newest = duration.human(totals[-1])
    if len(totals) == 1:
        return f"One launch: {newest}"
    least, most = duration.human(min(totals)), duration.human(max(totals))
    return f"Last {len(totals)} launches: newest {newest}, least {least}, most {most}"
