"""Where durations without times are drawn: inside what contains them, and in a row only where that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagnostics.parsers.metrics_scrape.gauges import StartGauge
from diagnostics.records import Phase

# Whole ones first: each may contain all that come after it, and is drawn around them if it lasted as long.
WHOLES = (
    "e2e",
    "replica startup",
    "replica initialization",
    "engine startup",
    "startup",
    "tokenizer e2e",
    "scheduler e2e",
)
# Parts in the order in which servers run them.
PARTS = ("load weight", "engine load weights", "weight load", "kv cache allocation", "torch compile", "compilation",
         "cuda graph", "warm")  # fmt: skip
TOLD = "how long it took is told, not when it ran"


def laid(gauges: Sequence[StartGauge]) -> Iterator[Phase]:
    """Phases from 0 on, lane after lane; of two that tell the same the longer is believed."""
    lanes: dict[str, dict[str, StartGauge]] = {}
    for gauge in gauges:
        known = lanes.setdefault(gauge.lane, {})
        if gauge.what not in known or known[gauge.what].took < gauge.took:
            known[gauge.what] = gauge
    position = 0
    for lane, parts in lanes.items():
        for phase in _lane(parts, lane if len(lanes) > 1 else "", position):
            yield phase
            position += 1


def _lane(parts: Mapping[str, StartGauge], lane: str, first: int) -> Iterator[Phase]:
    wholes = sorted(
        (one for one in parts.values() if one.what in WHOLES), key=lambda one: (-one.took, WHOLES.index(one.what))
    )
    rest = sorted((one for one in parts.values() if one.what not in WHOLES), key=_order)
    around: int | None = None
    for n, one in enumerate(wholes):
        yield _phase(first + n, one, 0, around, lane)
        around = first + n
    inner = wholes[-1].took if wholes else None
    known = [one for one in rest if _order(one) < len(PARTS)]
    in_a_row = inner is not None and sum(one.took for one in known) <= inner
    at = 0
    for n, one in enumerate(rest, len(wholes)):
        start = at if in_a_row and one in known else 0
        # What lasted longer than the whole is told of something else.
        fits = inner is not None and start + one.took <= inner
        yield _phase(first + n, one, start, around if fits else None, lane)
        at = start + one.took if one in known else at


def _order(gauge: StartGauge) -> int:
    return next((n for n, part in enumerate(PARTS) if gauge.what.startswith(part)), len(PARTS))


def _phase(position: int, gauge: StartGauge, start: int, parent: int | None, lane: str) -> Phase:
    told: Mapping[str, Any] = {**gauge.attributes, "placed": TOLD}
    return Phase(
        position, gauge.what, start, gauge.took, parent=parent, is_root=parent is None, lane=lane, attributes=told
    )
