from __future__ import annotations

from typing import Any

from diagnostics.charts.change_marks import Mark, Stretch, marked
from diagnostics.charts.trend import TrendPoint, trend
from diagnostics.records import NS_PER_SECOND as S

HOUR = 3600 * S


def drawn(marks: list[Mark], stretches: list[Stretch] | None = None, looked_at: int = 10) -> dict[str, Any]:
    points = [TrendPoint(str(n), n * HOUR, S, "1", "success") for n in range(10)]
    layout: dict[str, Any] = marked(trend(points), marks, stretches or [], looked_at).to_dict()["layout"]
    return layout


def test_a_mark_is_a_line_with_its_size_in_words() -> None:
    layout = drawn([Mark(5 * HOUR, 10 * S, 13 * S)])
    (line,), (said,) = layout["shapes"], layout["annotations"]
    assert line["x0"] == line["x1"] == said["x"]
    assert line["line"]["dash"] == "solid"
    assert said["text"] == "+3.0 s (1.30×)"
    assert "Changes: 1970-01-01 05:00 +3.0 s (1.30×)." in layout["meta"]["summary"]


def test_suspected_is_dashed_and_a_drift_dotted() -> None:
    layout = drawn([Mark(5 * HOUR, 10 * S, 13 * S, confirmed=False), Mark(2 * HOUR, 10 * S, 8 * S, "drift")])
    assert [line["line"]["dash"] for line in layout["shapes"]] == ["dash", "dot"]
    assert [said["text"].split(":")[0] for said in layout["annotations"]] == ["suspected", "drift"]


def test_levels_are_drawn_between() -> None:
    (level,) = drawn([], [Stretch(0, 5 * HOUR, 2 * S)])["shapes"]
    assert level["y0"] == level["y1"] == 2


def test_no_change_is_said() -> None:
    assert drawn([])["annotations"][0]["text"] == "No change found."
    assert drawn([], looked_at=0)["annotations"][0]["text"] == "Too few launches to look for changes."
