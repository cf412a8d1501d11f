"""A figure as a picture or as a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnostics.charts.theme import plain
from diagnostics.exporting.exported import Exported, file_name
from diagnostics.exporting.standalone import figure_page
from diagnostics.pictures import drawn

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PICTURES: Mapping[str, str] = {"png": "image/png", "svg": "image/svg+xml", "html": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Picture:
    """How a figure is wanted: one of ``PICTURES``, ``light`` or ``dark``, pixels, and what it shows in words."""

    wanted: str
    theme: str
    width: int
    title: str


def picture(figure: Figure, how: Picture) -> Exported:
    """Raises ``NoPicture`` when a picture is wanted and there is nothing to draw it with."""
    spec = plain(figure, how.theme)
    if how.wanted == "html":
        content = figure_page(spec, how.title, how.width, how.theme)
    else:
        spec["layout"]["width"] = how.width
        content = drawn(spec, how.wanted)
    return Exported(content, PICTURES[how.wanted], file_name(how.title, how.wanted))
