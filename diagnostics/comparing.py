"""Two selections of launches, side by side. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q

from diagnostics.analysis.comparison import compare as compare_samples
from diagnostics.analysis.launch_runs import Circumstances, runs
from diagnostics.analysis.thresholds import Least
from diagnostics.floors import floors
from diagnostics.models import BaselinePolicy, Launch
from diagnostics.querysets.launches import cut_short, samples
from diagnostics.querysets.selector import Selector, SelectorError, parse_selector
from diagnostics.records import Comparison, LaunchStatus, Sample

# Degrees of freedom between runs (three runs a side) from which the sides speak for themselves.
RUNS_ENOUGH = 4
# Of how many runs, and how many launches of each and in all; and how far back these are looked for.
HISTORY_RUNS, MOST_OF_A_RUN, HISTORY_LAUNCHES, HISTORY_LOOK = 8, 4, 20, 150
TELLING = (
    "service", "version", "begins_with", "labels", "start_time", "total_ns", "waiting_ns", "status", "start_class",
    "host__name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The launches behind each side, newest first, and what differs."""

    baseline: Sequence[Launch]
    candidate: Sequence[Launch]
    comparison: Comparison
    least: Least

    @property
    def censored(self) -> tuple[int, int]:
        """How many launches of each side never got ready."""
        before, after = (len(side) - len(_ready(side)) for side in (self.baseline, self.candidate))
        return before, after


def compare(baseline: str, candidate: str, visible: Q | None = None) -> SideBySide:
    """Compare two selections (SEL of the contract). Raises ``SelectorError`` when one is unreadable or empty."""
    sides = selected(baseline, candidate, visible)
    named = _runs(sides)
    others = _history(sides, named)
    before, after, *history = _samples([*sides, *others], [*named, *_runs(others)])
    history = [group for group in history if len({sample.run for sample in group}) > 1]
    least = _least(sides[1])
    judged = compare_samples(before, after, least, history)
    return SideBySide(sides[0], sides[1], judged, least)


def _least(judged: Sequence[Launch]) -> Least:
    """What is worth a flag in the one service whose launches are judged."""
    services = {launch.service_id for launch in judged}
    policy = BaselinePolicy.objects.filter(service__in=services).first() if len(services) == 1 else None
    return Least(floors(), policy.rules if policy else ())


def selected(baseline: str, candidate: str, visible: Q | None = None) -> list[list[Launch]]:
    """The launches of both sides, newest first, not compared. Raises ``SelectorError`` as ``compare`` does."""
    return [
        _chosen(parse_selector(text, side), side, visible)
        for side, text in (("baseline", baseline), ("candidate", candidate))
    ]


def middle(launches: Sequence[Launch]) -> Launch:
    """The launch of the median total (of two middle ones the shorter), to stand for its group in a picture; one that
    got ready, if any did."""
    ordered = sorted(_ready(launches) or launches, key=lambda one: (one.total_ns or 0, one.start_time))
    return ordered[(len(ordered) - 1) // 2]


def _ready(launches: Sequence[Launch]) -> list[Launch]:
    return [launch for launch in launches if launch.status == LaunchStatus.SUCCESS]


def _samples(groups: Sequence[Sequence[Launch]], named: Sequence[Sequence[str]]) -> list[list[Sample]]:
    """What was measured of each launch, with its run (``named``), its start class, and whether it ever got ready. A
    phase that a launch failed in is missing: how long it would have taken nobody knows."""
    every = [launch for group in groups for launch in group]
    of_launch = {sample.launch: sample for sample in samples(every)}
    broken = cut_short([launch for launch in every if launch.status != LaunchStatus.SUCCESS])
    return [
        [
            _sample(of_launch[str(launch.pk)], launch, run, broken.get(str(launch.pk), set()))
            for launch, run in zip(group, names, strict=True)
        ]
        for group, names in zip(groups, named, strict=True)
    ]


def _sample(measured: Sample, launch: Launch, run: str, broken: Collection[str]) -> Sample:
    return replace(
        measured,
        durations={path: took for path, took in measured.durations.items() if path not in broken}
        if broken
        else measured.durations,
        run=run,
        start_class=launch.start_class,
        censored=launch.status != LaunchStatus.SUCCESS,
    )


def _runs(groups: Sequence[Sequence[Launch]]) -> list[list[str]]:
    return runs(*([_circumstances(launch) for launch in group] for group in groups))


def _circumstances(launch: Launch) -> Circumstances:
    return Circumstances(launch.start_time, launch.host.name if launch.host else "", launch.version, launch.labels)


def _history(sides: Sequence[Sequence[Launch]], named: Sequence[Sequence[str]]) -> list[list[Launch]]:
    """Other launches of the one service that both sides are of, by version, where the sides' own runs (``named``) are
    too few to tell how far runs lie apart."""
    services = {launch.service_id for side in sides for launch in side}
    own = [len(set(names)) for names in named]
    if sum(own) - 2 >= RUNS_ENOUGH or len(services) > 1 or min(map(len, sides)) == 1:
        return []
    a_run = min(max(round(sum(map(len, sides)) / sum(own)), 1), MOST_OF_A_RUN)
    looked = _by_version(services, {launch.pk for side in sides for launch in side})
    return _spread(looked, a_run, min(HISTORY_RUNS, HISTORY_LAUNCHES // a_run))


def _by_version(services: Collection[int], chosen: Collection[UUID]) -> list[list[Launch]]:
    """The newest other launches, with no more of each than tells its run and its times."""
    newest = Launch.objects.filter(service_id__in=services, status=LaunchStatus.SUCCESS).order_by("-start_time", "-id")
    newest = newest.exclude(state=Launch.State.RECEIVED).exclude(pk__in=chosen).select_related("host")
    groups: dict[tuple[str, str], list[Launch]] = {}
    for launch in newest.only(*TELLING)[:HISTORY_LOOK]:
        groups.setdefault((launch.version, launch.begins_with), []).append(launch)
    return list(groups.values())


def _spread(groups: Sequence[list[Launch]], a_run: int, most: int) -> list[list[Launch]]:
    """Of the newest ``most`` runs of versions that have several, as many launches as the sides have of a run."""
    chosen: list[list[Launch]] = []
    left = most
    for group, names in zip(groups, _runs(groups), strict=True):
        newest = list(dict.fromkeys(names))[:left]
        if len(newest) > 1:
            left -= len(newest)
            of_run = [[one for one, name in zip(group, names, strict=True) if name == run] for run in newest]
            chosen.append([one for launches in of_run for one in launches[:a_run]])
    return chosen


def _chosen(selector: Selector, side: str, visible: Q | None) -> list[Launch]:
    launches = Launch.objects.filter(visible or Q()).newest_first().exclude(state=Launch.State.RECEIVED)
    if selector.ids:
        found = list(launches.filter(pk__in=selector.ids))
        missing = set(selector.ids) - {launch.pk for launch in found}
        if missing:
            raise SelectorError(f"There is no parsed launch {min(missing)}", side)
        return found
    finished = launches if selector.narrowed.status else launches.exclude(status=LaunchStatus.RUNNING)
    found = list(finished.matching(selector.narrowed)[: selector.last])
    if not found:
        raise SelectorError("No parsed launch matches this selection", side)
    return found
