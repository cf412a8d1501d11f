"""One measured figure, and how it is told: a JSON line for machines, a table for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Measurement:
    """``value`` in ``unit`` beside ``limit``, what the bare means need for the same in the same run (``limit_of``).

    ``ratio`` is value / limit. The bar is for ``judged``: the ratio or the rate (a value of which more is better),
    which must reach it, or the value, which must not exceed it.
    """

    figure: str
    value: float
    unit: str
    limit: float
    limit_of: str
    bar: float
    judged: str = "value"
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return self.value / self.limit if self.limit else 0.0

    @property
    def met(self) -> bool:
        if self.judged == "rate":
            return self.value >= self.bar
        return self.ratio >= self.bar if self.judged == "ratio" else self.value <= self.bar

    def as_json(self) -> str:
        shown: dict[str, Any] = {"figure": self.figure, "value": round(self.value, 3), "unit": self.unit}
        shown |= {"limit": round(self.limit, 3), "ratio": round(self.ratio, 4), "bar": self.bar, "met": self.met}
        shown |= {"bar_is_for": self.judged, "limit_of": self.limit_of, **self.extra}
        return json.dumps(shown, ensure_ascii=False)


HEADINGS = ("figure", "value", "limit", "ratio", "bar", "", "the limit is")


def table(measurements: Sequence[Measurement]) -> str:
    """Columns for a terminal, one row a figure."""
    rows = [HEADINGS, *(_row(one) for one in measurements)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEADINGS) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]) for row in rows
    )


def _row(one: Measurement) -> tuple[str, ...]:
    bar = {"ratio": f"ratio ≥ {one.bar:g}", "rate": f"≥ {one.bar:,.0f} {one.unit}"}.get(one.judged)
    bar = bar or f"≤ {one.bar:g} {one.unit}"
    met = "met" if one.met else "MISSED"
    return (
        one.figure,
        _number(one.value, one.unit),
        _number(one.limit, one.unit),
        f"{one.ratio:.2f}",
        bar,
        met,
        one.limit_of,
    )


def _number(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if abs(value) >= 100 else f"{value:,.1f} {unit}"


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed: never better than what was seen."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
