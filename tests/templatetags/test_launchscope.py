"""How values are worded."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from diagnostics.templatetags import launchscope as tags


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (None, "–"),
        (1.0, "±0 %"),
        (1.0004, "±0 %"),
        (1.38, "+38 %"),
        (0.995, "−0.5 %"),
        (1.02, "+2 %"),
        (0.0, "−100 %"),
        (9.99, "+899 %"),
        (12.2, "× 12"),
        (float("inf"), "new"),
    ],
)
def test_percent(ratio: float | None, words: str) -> None:
    assert tags.percent(ratio) == words


@pytest.mark.parametrize(
    ("part", "words"), [(None, "–"), (0.0, "0 %"), (0.001, "< 1 %"), (0.5, "50 %"), (0.999, "> 99 %"), (1.0, "100 %")]
)
def test_share(part: float | None, words: str) -> None:
    assert tags.share(part) == words


@pytest.mark.parametrize(
    ("path", "leaf", "ancestors"),
    [
        (None, "total", ""),
        ("config", "config", ""),
        ("a/b~1c/d~0e", "d~e", "a › b/c"),
        ("model/weights@TP0", "weights@TP0", "model"),
    ],
)
def test_paths(path: str | None, leaf: str, ancestors: str) -> None:
    assert (tags.leaf(path), tags.ancestors(path)) == (leaf, ancestors)


def test_clock_keeps_every_nanosecond_in_its_title() -> None:
    shown = tags.clock(1_764_000_000_123_456_789)
    exact = "2025-11-24T16:00:00.123456789Z"
    assert shown == f'<time datetime="{exact}" title="{exact}">24 Nov 2025 16:00:00</time>'
    assert "24 Nov 2025 16:00:00" in tags.clock(datetime(2025, 11, 24, 16, tzinfo=UTC))
    assert tags.clock(None) == "–"


@pytest.mark.parametrize("value", ["success", "regressed", "rejected", "cold"])
def test_badge_never_speaks_by_colour_alone(value: str) -> None:
    shown = tags.badge(value)
    assert "<use href=" in shown
    assert str(tags.BADGES[value][2]) in shown


def test_badge_of_something_unknown_is_its_text() -> None:
    assert "&lt;b&gt;" in tags.badge("<b>")
    assert tags.badge("") == ""


def test_verdict_keeps_what_proves_nothing_out_of_the_badge() -> None:
    assert "+38 % slower" in tags.verdict_badge("regressed", 1.38)
    assert tags.verdict_badge("unchanged", 1.01).startswith('<span class="ls-change">+1 %</span>')


@pytest.mark.parametrize(("q", "words"), [(0.0, "< 0.001"), (0.0009, "< 0.001"), (0.05, "0.050"), (1.0, "1.000")])
def test_chance_is_never_nothing(q: float, words: str) -> None:
    assert tags.chance(q) == words


@pytest.mark.parametrize(("asked", "delay"), [(None, "1s"), (1, "1s"), (10, "11s"), (59, "60s")])
def test_asking_slows_down(asked: int | None, delay: str) -> None:
    assert tags.poll_delay(asked) == delay
