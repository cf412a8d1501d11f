"""Two selections of launches, side by side. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from diagnostics.analysis.comparison import compare as compare_samples
from diagnostics.floors import floors
from diagnostics.models import Launch
from diagnostics.querysets.launches import samples
from diagnostics.querysets.selector import Selector, SelectorError, parse_selector
from diagnostics.records import Comparison


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The launches behind each side, newest first, and what differs."""

    baseline: Sequence[Launch]
    candidate: Sequence[Launch]
    comparison: Comparison


def compare(baseline: str, candidate: str, visible: Q | None = None) -> SideBySide:
    """Compare two selections (SEL of the contract). Raises ``SelectorError`` when one is unreadable or empty."""
    sides = selected(baseline, candidate, visible)
    of_launch = {sample.launch: sample for sample in samples([*sides[0], *sides[1]])}
    before, after = ([of_launch[str(launch.pk)] for launch in side] for side in sides)
    return SideBySide(sides[0], sides[1], compare_samples(before, after, floors()))


def selected(baseline: str, candidate: str, visible: Q | None = None) -> list[list[Launch]]:
    """The launches of both sides, newest first, not compared. Raises ``SelectorError`` as ``compare`` does."""
    return [
        _chosen(parse_selector(text, side), side, visible)
        for side, text in (("baseline", baseline), ("candidate", candidate))
    ]


def _chosen(selector: Selector, side: str, visible: Q | None) -> list[Launch]:
    launches = Launch.objects.filter(visible or Q()).newest_first().exclude(state=Launch.State.RECEIVED)
    if selector.ids:
        found = list(launches.filter(pk__in=selector.ids))
        missing = set(selector.ids) - {launch.pk for launch in found}
        if missing:
            raise SelectorError(f"There is no parsed launch {min(missing)}", side)
        return found
    found = list(launches.matching(selector.narrowed)[: selector.last])
    if not found:
        raise SelectorError("No parsed launch matches this selection", side)
    return found
