"""Pages that need no server: everything inside, Plotly included, to attach to a ticket or to keep."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from diagnostics import figures
from diagnostics.charts.theme import PALETTES, PAPER, plain
from diagnostics.clocks import shifts
from diagnostics.models import Artifact, Launch, PhaseRecord
from diagnostics.querysets.records import telling_events_within
from diagnostics.records import Event, Interval

BUNDLE = "vendor/plotly/plotly-cartesian.min.js"
WIDTH = 1180
MOST_ROWS, MOST_EVENTS = 2_000, 300


def figure_page(spec: dict[str, Any], title: str, width: int, theme: str) -> bytes:
    """One figure, alone in a page."""
    about = {"title": title, "chart": _chart(spec, width), "theme": theme, "paper": PAPER[theme]}
    return render_to_string("exports/figure.html", about | {"ink": PALETTES[theme]["ink"]}).encode()


def launch_page(launch: Launch) -> bytes:
    """A launch: what it took, its findings, its waterfall, its phases as a table, what its logs told."""
    waterfall = figures.waterfall(launch, figures.View(width=WIDTH))
    phases = list(PhaseRecord.objects.filter(launch=launch).prefetch_related("series").largest(MOST_ROWS))
    context = {
        "launch": launch,
        "chart": _chart(plain(waterfall, "light"), WIDTH),
        "phases": sorted(phases, key=lambda one: (one.start_time, one.depth, one.position)),
        "more_phases": launch.phase_count - len(phases),
        "findings": launch.findings.all(),
        "flags": launch.flags.select_related("series"),
        "milestones": sorted(launch.milestones.items(), key=lambda item: item[1]),
        "events": _events(launch),
    }
    return render_to_string("exports/launch.html", context).encode()


def _events(launch: Launch) -> Sequence[Event]:
    moved = shifts(launch, list(Artifact.objects.evidence_of(launch)))
    window = Interval(launch.start_time, max(launch.ready_time, launch.start_time + 1))
    return [event for _, _, event in telling_events_within(moved, window, MOST_EVENTS)]


def _chart(spec: dict[str, Any], width: int) -> str:
    """The script that draws; safe in a page, whatever the names in the figure hold."""
    shown = {"data": spec["data"], "layout": spec["layout"] | {"width": width, "autosize": False}}
    text = orjson.dumps(shown, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return mark_safe(f"{_bundle()}\nconst shown = {text};\n{DRAW}")  # noqa: S308  (escaped above)


DRAW = 'Plotly.newPlot("chart", shown.data, shown.layout, {displaylogo: false, responsive: false});'


@functools.cache
def _bundle() -> str:
    # The end of a script element is looked for in the bytes, strings of the program included.
    return bundle_path().read_text().replace("</script", "<\\/script")


def bundle_path() -> Path:
    found = finders.find(BUNDLE)
    assert found, "the bundle is part of the project"
    return Path(str(found))
