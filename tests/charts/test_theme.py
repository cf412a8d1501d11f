from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagnostics.charts.theme import PALETTES, resolved, token

CSS = Path(__file__).parents[2] / "static" / "css" / "plotly.css"
# What the kit puts behind a chart: cards and pages, by theme.
SURFACES = {"light": ("#ffffff", "#f6f7f9"), "dark": ("#262626", "#182029", "#10161f")}
TEXTS = ("ink", "muted", "regressed", "improved", "failed", "milestone")
SOLID_BARS = ("phase", "regressed", "improved", "failed")


@pytest.mark.parametrize(
    ("theme", "selector"), [("light", ':root, [data-bs-theme="light"]'), ("dark", '[data-bs-theme="dark"]')]
)
def test_the_stylesheet_has_the_palette(theme: str, selector: str) -> None:
    block = re.search(re.escape("\n" + selector) + r" \{\n(.*?)\n\}", CSS.read_text(), re.DOTALL)
    assert block
    assert dict(re.findall(r"--ls-([a-z0-9-]+): (#[0-9a-f]{6});", block[1])) == PALETTES[theme]


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("name", TEXTS)
def test_text_stands_out_from_every_surface(theme: str, name: str) -> None:
    assert min(_contrast(PALETTES[theme][name], surface) for surface in SURFACES[theme]) >= 4.5


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("name", SOLID_BARS)
def test_text_on_bars_stands_out(theme: str, name: str) -> None:
    assert _contrast(PALETTES[theme]["on-bar"], PALETTES[theme][name]) >= 4.5


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("name", [*SOLID_BARS, *(f"series-{n}" for n in range(1, 7)), "unaccounted"])
def test_marks_stand_out_from_every_surface(theme: str, name: str) -> None:
    assert min(_contrast(PALETTES[theme][name], surface) for surface in SURFACES[theme]) >= 3


def test_both_themes_name_the_same_colours() -> None:
    assert PALETTES["light"].keys() == PALETTES["dark"].keys()


def test_tokens_are_replaced_wherever_they_are() -> None:
    figure = {"data": [{"marker": {"color": token("phase")}, "text": ["var(--ls-phase) is a name here"]}]}
    drawn = resolved(figure, "dark")
    assert drawn["data"][0]["marker"]["color"] == PALETTES["dark"]["phase"]
    assert drawn["data"][0]["text"] == ["var(--ls-phase) is a name here"]


def test_an_unknown_colour_is_found_at_once() -> None:
    with pytest.raises(KeyError):
        token("mauve")


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
