"""Figures as files: drawn by a real Chromium, ended in time, refused with a sentence."""

from __future__ import annotations

import pytest

from diagnostics import pictures
from tests.chromium import find

FIGURE = {"data": [{"type": "bar", "x": [1], "y": [2]}], "layout": {"width": 300, "height": 200}}


@pytest.fixture(autouse=True)
def _chromium(monkeypatch: pytest.MonkeyPatch) -> None:
    path = find()
    assert path, "Chromium is missing: `make test` installs it"
    monkeypatch.setenv("CHROMIUM", str(path))


def test_chromium_draws_it() -> None:
    image = pictures.drawn(FIGURE, "png")
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == 600  # twice the size, for sharp screens


def test_it_is_ended_when_the_time_is_over() -> None:
    with pytest.raises(pictures.NoPicture, match="in time"):
        pictures.drawn(FIGURE, "png", seconds=0.01)


def test_what_is_no_browser_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/bin/false")
    with pytest.raises(pictures.NoPicture):
        pictures.drawn(FIGURE, "svg", seconds=30)
