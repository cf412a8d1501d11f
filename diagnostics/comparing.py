"""Two selections of launches, side by side. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q

from diagnostics.analysis.comparison import compare as compare_samples
from diagnostics.analysis.launch_runs import Circumstances, runs
from diagnostics.floors import floors
from diagnostics.models import Launch
from diagnostics.querysets.launches import samples
from diagnostics.querysets.selector import Selector, SelectorError, parse_selector
from diagnostics.records import Comparison, LaunchStatus, Sample


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The launches behind each side, newest first, and what differs."""

    baseline: Sequence[Launch]
    candidate: Sequence[Launch]
    comparison: Comparison


def compare(baseline: str, candidate: str, visible: Q | None = None) -> SideBySide:
    """Compare two selections (SEL of the contract). Raises ``SelectorError`` when one is unreadable or empty."""
    sides = selected(baseline, candidate, visible)
    before, after = _samples(sides)
    return SideBySide(sides[0], sides[1], compare_samples(before, after, floors()))


def selected(baseline: str, candidate: str, visible: Q | None = None) -> list[list[Launch]]:
    """The launches of both sides, newest first, not compared. Raises ``SelectorError`` as ``compare`` does."""
    return [
        _chosen(parse_selector(text, side), side, visible)
        for side, text in (("baseline", baseline), ("candidate", candidate))
    ]


def _samples(sides: Sequence[Sequence[Launch]]) -> list[list[Sample]]:
    """What was measured of each launch, with its run, its start class, and whether it ever got ready."""
    of_launch = {sample.launch: sample for sample in samples([*sides[0], *sides[1]])}
    named = runs(*([_circumstances(launch) for launch in side] for side in sides))
    return [
        [
            replace(
                of_launch[str(launch.pk)],
                run=run,
                start_class=launch.start_class,
                censored=launch.status != LaunchStatus.SUCCESS,
            )
            for launch, run in zip(side, names, strict=True)
        ]
        for side, names in zip(sides, named, strict=True)
    ]


def _circumstances(launch: Launch) -> Circumstances:
    return Circumstances(launch.start_time, launch.host.name if launch.host else "", launch.version, launch.labels)


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
