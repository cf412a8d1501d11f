"""How each sort of bar looks: always a pattern, an outline or a word beside the hue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.charts.level_of_detail import Bar, BarKind
from diagnostics.charts.theme import CLEAR, token
from diagnostics.records import Flag, PhaseStatus, Verdict

CRITICAL_LINE = {"color": token("outline"), "width": 1.6}


@dataclass(frozen=True, slots=True)
class Style:
    tone: str
    name: str
    color: str
    pattern: str = ""
    stripe: str = ""

    def marker(self, critical: bool) -> dict[str, Any]:
        """Plotly's ``marker``: fill, pattern, and the outline that marks the critical path."""
        marker: dict[str, Any] = {"color": token(self.color) if self.color else CLEAR}
        marker["line"] = CRITICAL_LINE if critical else self._edge()
        if self.pattern:
            fill = {"bgcolor": marker["color"], "fgcolor": token(self.stripe), "fillmode": "overlay"}
            marker["pattern"] = {"shape": self.pattern, "size": 6, "solidity": 0.28, **fill}
        return marker

    def _edge(self) -> dict[str, Any]:
        return {"width": 0} if self.color else {"color": token(self.stripe), "width": 1}


STYLES = {
    style.tone: style
    for style in (
        Style("phase", "phase", "phase"),
        Style("regressed", "▲ slower", "regressed"),
        Style("improved", "▼ faster", "improved"),
        Style("failed", "✕ failed", "failed", "x", "failed-stripe"),
        Style("others", "shorter phases", "others", "|", "phase"),
        Style("unaccounted", "unaccounted", "", "/", "unaccounted"),
    )
}
LEGEND_ORDER = tuple(STYLES)


def tone(bar: Bar, flags: Mapping[str, Flag]) -> str:
    """Which style a bar has: what it is, then whether it failed, then whether it was flagged."""
    if bar.kind != BarKind.PHASE:
        return str(bar.kind)
    if bar.status == PhaseStatus.FAILED:
        return "failed"
    flag = flags.get(bar.path)
    return str(flag.verdict) if flag and flag.verdict in (Verdict.REGRESSED, Verdict.IMPROVED) else "phase"
