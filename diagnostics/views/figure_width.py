"""How wide a figure will be drawn; labels and legends are laid out for it."""

from __future__ import annotations

from django.http import HttpRequest

LEAST, MOST, USUAL = 50, 10_000, 1000


def figure_width(request: HttpRequest) -> int:
    """Pixels from ``?width=``, within what makes sense; a value that is no number counts as not given."""
    text = request.GET.get("width", "")
    return min(max(int(text), LEAST), MOST) if text.isascii() and text.isdecimal() and len(text) < 9 else USUAL
