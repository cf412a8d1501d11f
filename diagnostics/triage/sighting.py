"""What detection saw: slowness that stays. It opens a regression, opens an old one again, or was known already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from diagnostics.analysis.families import ancestors, family_of
from diagnostics.models import Launch, Regression, Series
from diagnostics.triage.history import LAUNCHSCOPE, hold, moved, written


@dataclass(frozen=True, slots=True)
class Sighting:
    """One series (none: the total) that is slower than its baseline since ``first``; times in ns.

    ``low`` and ``high`` bound the ratio; a launch that takes no more than ``limit`` is back at the baseline. ``slow``
    are the start times of the slow launches, of which ``needed`` open a regression. ``rule`` is the rule with its
    numbers as a sentence, ``numbers`` the same as (name, value, unit), where the unit is ns, ratio or none.
    """

    series: Series | None
    baseline: int
    candidate: int
    low: float
    high: float
    limit: int
    first: Launch
    slow: Sequence[int]
    needed: int
    rule: str
    numbers: Sequence[tuple[str, float, str]] = ()

    @property
    def path(self) -> str | None:
        return self.series.path if self.series else None

    @property
    def growth(self) -> int:
        return self.candidate - self.baseline

    @property
    def floor(self) -> int:
        return max(settings.FLOOR_NS, round(settings.FLOOR_RATIO * self.baseline))


@transaction.atomic
def sight(service_id: int, sightings: Iterable[Sighting]) -> list[Regression]:
    """Open or open again what these sightings call for; returns those regressions. Again, it changes nothing.

    A phase that is slower only because of slower phases in it is not told of beside them: one change, one regression.
    """
    hold(service_id)
    own = _own(sightings)
    known = _known(service_id, own)
    changed = []
    for sighting in own:
        told = _told_otherwise(sighting, known)
        if told is not None:
            if _is_narrower(sighting, told, known):
                changed.append(_narrowed(told, sighting))
        else:
            regression = _open(service_id, sighting, known[family_of(sighting.path)])
            if regression is not None:
                known[regression.family].append(regression)
                changed.append(regression)
    return changed


def _own(sightings: Iterable[Sighting]) -> list[Sighting]:
    """The sightings that the phases inside do not explain; the deepest first, the total last."""
    explained: dict[str, int] = defaultdict(int)
    kept = []
    for sighting in sorted(sightings, key=lambda one: (one.path is None, -(one.path or "").count("/"), one.path or "")):
        path = sighting.path
        if path is not None:
            rest = sighting.growth - explained[path]
            if rest <= sighting.floor and explained[path]:
                continue
            for around in ancestors(path):
                explained[around] += max(0, rest)
        kept.append(sighting)
    return kept


def _known(service_id: int, sightings: Sequence[Sighting]) -> dict[str, list[Regression]]:
    """Regressions of these families, and of the phases around and inside them that are live, oldest first."""
    families = {family_of(sighting.path) for sighting in sightings}
    known: dict[str, list[Regression]] = defaultdict(list)
    rows = Regression.objects.filter(service_id=service_id).select_related("service", "series", "first_launch")
    for row in rows.order_by("pk"):
        if row.is_live or row.family in families:
            known[row.family].append(row)
    return known


def _told_otherwise(sighting: Sighting, known: Mapping[str, list[Regression]]) -> Regression | None:
    """The live regression of a phase around or inside this one that tells of the same change already."""
    path = sighting.path
    if path is None:
        return None
    for row in [row for rows in known.values() for row in rows if row.is_live and row.phase not in (None, path)]:
        other = row.phase or ""
        related = other.startswith(path + "/") or path.startswith(other + "/")
        same = row.first_launch_id == sighting.first.pk or row.first_launch.start_time in sighting.slow
        if related and same and abs(row.delta_ns - sighting.growth) <= max(sighting.floor, sighting.growth // 10):
            return row
    return None


def _is_narrower(sighting: Sighting, told: Regression, known: Mapping[str, list[Regression]]) -> bool:
    """Whether the phase lies inside the one told of, and its family has no regression: people look for where it is."""
    inside = (sighting.path or "").startswith(f"{told.phase}/")
    return inside and told.state == Regression.State.OPEN and not known.get(family_of(sighting.path))


def _narrowed(regression: Regression, sighting: Sighting) -> Regression:
    """The outer phase was sure one launch earlier; it is the inner one that became slower."""
    text = f"it is {sighting.path} in it: {sighting.rule}"
    regression.series, regression.rule = sighting.series, sighting.rule
    regression.baseline_ns, regression.candidate_ns = sighting.baseline, sighting.candidate
    regression.low, regression.high, regression.limit_ns = sighting.low, sighting.high, sighting.limit
    regression.first_launch, regression.first_version = sighting.first, sighting.first.version
    regression.numbers = [list(one) for one in sighting.numbers]
    moved(regression, regression.state, LAUNCHSCOPE, text)
    return regression


def _open(service_id: int, sighting: Sighting, of_family: Sequence[Regression]) -> Regression | None:
    if any(row.is_live for row in of_family):
        return None
    last = of_family[-1] if of_family else None
    if last is not None and sighting.baseline <= last.limit:
        # The baseline is still the one of before: the same change.
        if last.state == Regression.State.RESOLVED:
            return _again(last, sighting)
        if sighting.low * sighting.baseline <= last.candidate_ns:
            return None  # dismissed, and no worse than what was dismissed
    if any(row.first_launch_id == sighting.first.pk for row in of_family):
        return None
    return _new(service_id, sighting)


def _again(regression: Regression, sighting: Sighting) -> Regression | None:
    since = [start for start in sighting.slow if start > regression.counts_from]
    if len(since) < sighting.needed:
        return None
    regression.counts_from = max(since)
    text = f"it came back: {len(since)} slow launches since it was resolved"
    moved(regression, Regression.State.OPEN, LAUNCHSCOPE, text)
    return regression


def _new(service_id: int, sighting: Sighting) -> Regression:
    regression = Regression.objects.create(
        service_id=service_id,
        series=sighting.series,
        state=Regression.State.OPEN,
        baseline_ns=sighting.baseline,
        candidate_ns=sighting.candidate,
        low=sighting.low,
        high=sighting.high,
        limit_ns=sighting.limit,
        first_launch=sighting.first,
        first_version=sighting.first.version,
        rule=sighting.rule,
        numbers=[list(one) for one in sighting.numbers],
        counts_from=max(sighting.slow, default=sighting.first.start_time),
    )
    written(regression, "", LAUNCHSCOPE, sighting.rule)
    return regression
