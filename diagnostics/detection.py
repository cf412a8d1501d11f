"""Judge a parsed launch: diagnose it, hold it against its baseline, and open a regression when slowness stays."""

from __future__ import annotations

import math
import statistics
import uuid
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction

from diagnostics import diagnosing, short_history, triage
from diagnostics.analysis import baseline, thresholds
from diagnostics.change_watch import Outlook, watch
from diagnostics.charts.duration import human
from diagnostics.floors import floors
from diagnostics.models import BaselinePolicy, Launch, LaunchFlag, PhaseRecord, Regression, Series, Service
from diagnostics.querysets.launches import samples
from diagnostics.records import Flag, LaunchStatus, Sample, Verdict

JUDGED_FIELDS = ["verdict", "headline", "state", "start_class", "start_class_facts", "layer", "confidence", "diagnosis"]
NEWEST, NEEDED = 5, 3  # a regression opens when 3 of the newest 5 launches are beyond their baseline
BEFORE = 20  # launches before them that may have been as slow


@transaction.atomic
def judge(launch_id: uuid.UUID) -> None:
    """Decide the launch's start class, flag what lies beyond its baseline, diagnose it; again, that is all replaced.

    A launch that was deleted, or is not parsed yet, is left alone.
    """
    launch = (
        Launch.objects.select_for_update(of=("self",)).select_related("service", "host").filter(pk=launch_id).first()
    )
    if launch is None or launch.state == Launch.State.RECEIVED:
        return
    case = diagnosing.classify(launch, diagnosing.case_of(launch))
    before = Launch.objects.baseline_of(launch, settings.BASELINE_LAUNCHES).only("total_ns", "waiting_ns")
    *history, sample = samples([*before, launch])
    policy: BaselinePolicy | None = getattr(launch.service, "policy", None)
    own = policy.rules if policy else []
    flags: Sequence[Flag] = baseline.judge(sample, history, thresholds.lowest(own, floors()), settings.BASELINE_LEAST)
    flags = thresholds.kept(flags, own, floors())
    if launch.status != LaunchStatus.SUCCESS:
        # What gave up early, or goes on, has a short total and short phases: only slowness means anything there.
        flags = [flag for flag in flags if flag.phase is not None and flag.verdict is Verdict.REGRESSED]
    stored = _replace_flags(launch, flags, policy)
    launch.verdict = _verdict(flags, len(history))
    finding = diagnosing.diagnose(launch, case, history)
    launch.headline = finding or _headline(launch, sample, flags, len(history))
    launch.state = Launch.State.JUDGED
    launch.save(update_fields=JUDGED_FIELDS)
    outlook = watch(launch, policy)
    slow = [flag for flag in stored if flag.verdict == Verdict.REGRESSED]
    _open_regressions(launch, [flag for flag in slow if _is_for_flags(flag, outlook, policy)])
    if outlook.is_left_to_flags(None) and (sightings := short_history.stepped(launch, policy)):
        triage.sight(launch.service_id, sightings)
    triage.settle(launch)


def _replace_flags(launch: Launch, flags: Sequence[Flag], policy: BaselinePolicy | None) -> list[LaunchFlag]:
    launch.flags.all().delete()
    paths = [flag.phase for flag in flags if flag.phase is not None]
    series = {s.path: s for s in Series.objects.filter(service_id=launch.service_id, path__in=paths)} if paths else {}
    return LaunchFlag.objects.bulk_create(
        LaunchFlag(
            launch=launch,
            series=None if flag.phase is None else series[flag.phase],
            verdict=flag.verdict,
            actual_ns=flag.actual,
            expected_ns=flag.expected,
            low_ns=flag.low,
            high_ns=flag.high,
            runs=flag.runs,
            rule=_rule(flag, policy),
        )
        for flag in flags
    )


def _rule(flag: Flag, policy: BaselinePolicy | None) -> str:
    least = thresholds.floors_of(flag.phase, policy.rules if policy else [], floors()) or floors()
    against = policy.sentence if policy else "the last good launches"
    return (
        f"outside {human(flag.low)} to {human(flag.high)}, the prediction interval of {flag.runs} of {against} "
        f"(median {human(flag.expected)}), and more than {least.ratio * 100:g} % and {human(least.duration)} from it"
    )


def _verdict(flags: Sequence[Flag], runs: int) -> Verdict:
    verdicts = {flag.verdict for flag in flags}
    if Verdict.REGRESSED in verdicts:
        return Verdict.REGRESSED
    if Verdict.IMPROVED in verdicts:
        return Verdict.IMPROVED
    return Verdict.UNCHANGED if runs >= settings.BASELINE_LEAST else Verdict.NOT_ENOUGH_DATA


def _headline(launch: Launch, sample: Sample, flags: Sequence[Flag], runs: int) -> str:
    """One sentence for lists and mail: the largest change first."""
    if launch.status != LaunchStatus.SUCCESS and not flags:
        what = "Failed" if launch.status == LaunchStatus.FAILED else "Not ready"
        return f"{what} after {human(launch.total_ns or 0)}"
    if not flags:
        if runs < settings.BASELINE_LEAST:
            earlier = f"{runs} earlier {'launch' if runs == 1 else 'launches'}"
            return f"Not enough data: {earlier}, {settings.BASELINE_LEAST} needed"
        return f"As usual: within the range of the {runs} launches before it"
    largest = _telling(flags, sample)
    what = largest.phase or "The total"
    more = len(flags) - 1
    others = f", and {more} more" if more else ""
    return f"{what} took {human(largest.actual)}, usually {human(largest.expected)} ({largest.ratio:.2f}×){others}"


def _telling(flags: Sequence[Flag], sample: Sample) -> Flag:
    """The phase whose change the launch felt most: what it owns of the critical path, then its change, decides."""

    def felt(flag: Flag) -> tuple[int, int]:
        return min(_change(flag), sample.critical_times.get(flag.phase or "", 0)), _change(flag)

    return max((flag for flag in flags if flag.phase is not None), key=felt, default=flags[0])


def _change(flag: Flag) -> int:
    return abs(flag.actual - flag.expected)


def _is_for_flags(flag: LaunchFlag, outlook: Outlook, policy: BaselinePolicy | None) -> bool:
    """Flags open regressions where the history is too short for change points, and where somebody chose a baseline."""
    chosen = policy is not None and policy.choose != BaselinePolicy.Choose.LAST_GOOD
    return chosen or outlook.is_left_to_flags(flag.series_id) or _was_resolved(flag)


def _was_resolved(flag: LaunchFlag) -> bool:
    """Whether a change that is known, and was over, seems to be back: that needs no new proof of a new level."""
    known = Regression.objects.filter(service=flag.launch.service_id, series=flag.series_id)
    last = known.select_related("series").order_by("-pk").first()
    return last is not None and last.state == Regression.State.RESOLVED and flag.expected_ns <= last.limit


def _open_regressions(launch: Launch, slow: Iterable[LaunchFlag]) -> None:
    slow = list(slow)
    if not slow:
        return
    # Two slow launches judged at once would each miss the other's flags: whoever comes second waits, and sees them.
    Service.objects.select_for_update(no_key=True).get(pk=launch.service_id)
    newest = list(Launch.objects.newest_like(launch, NEWEST).only("pk", "start_time"))
    if launch not in newest:
        return  # a late upload of an old launch says nothing of how the service is now
    sightings = []
    for flag in slow:
        seen = list(
            LaunchFlag.objects.filter(launch__in=newest, series=flag.series, verdict=Verdict.REGRESSED)
            .select_related("launch")
            .order_by("launch__start_time", "launch_id")
        )
        beyond = [one.pk in {f.launch_id for f in seen} for one in newest]
        if not baseline.opens_regression(beyond, needed=NEEDED, of=NEWEST):
            continue
        sighting = _sighting(flag, seen)
        if _was_resolved(flag) or _is_news(sighting, newest):
            sightings.append(sighting)
    triage.sight(launch.service_id, sightings)


def _is_news(sighting: triage.Sighting, newest: Sequence[Launch]) -> bool:
    """Whether such slow launches come oftener than before the first of them: if not, they are one of two modes."""
    since = [one.pk for one in newest if one.start_time >= sighting.first.start_time]
    earlier = [one.pk for one in Launch.objects.earlier_than(sighting.first).only("pk")[:BEFORE]]
    # Half of the way on the scale of ratios: as near to the one level as to the other.
    middle = math.sqrt(max(sighting.baseline, 1) * max(sighting.candidate, 1))
    return baseline.comes_oftener(_took(earlier, sighting.series), _took(since, sighting.series), middle)


def _took(launches: Sequence[uuid.UUID], series: Series | None) -> list[int]:
    if series is None:
        return [total or 0 for total in Launch.objects.filter(pk__in=launches).values_list("total_ns", flat=True)]
    return list(PhaseRecord.objects.filter(launch__in=launches, series=series).values_list("duration_ns", flat=True))


def _sighting(flag: LaunchFlag, seen: Sequence[LaunchFlag]) -> triage.Sighting:
    expected = round(statistics.median(f.expected_ns for f in seen))
    policy: BaselinePolicy | None = getattr(flag.launch.service, "policy", None)
    least = thresholds.floors_of(flag.phase, policy.rules if policy else [], floors()) or floors()
    high = round(statistics.median(f.high_ns for f in seen))
    first = seen[0]
    return triage.Sighting(
        series=flag.series,
        baseline=expected,
        candidate=round(statistics.median(f.actual_ns for f in seen)),
        low=statistics.median(f.actual_ns / max(f.high_ns, 1) for f in seen),
        high=statistics.median(f.actual_ns / max(f.low_ns, 1) for f in seen),
        limit=max(high, expected + least.duration, round(expected * (1 + least.ratio))),
        first=first.launch,
        slow=[f.launch.start_time for f in seen],
        needed=NEEDED,
        rule=(
            f"{len(seen)} of the newest {NEWEST} launches lie beyond the prediction interval "
            f"({human(first.low_ns)} to {human(first.high_ns)}) of the {first.runs} launches before them; "
            f"{NEEDED} are needed"
        ),
        numbers=[
            ("launches beyond the interval", len(seen), ""),
            ("of the newest", NEWEST, ""),
            ("needed", NEEDED, ""),
            ("interval from", first.low_ns, "ns"),
            ("interval to", first.high_ns, "ns"),
            ("launches in the baseline", first.runs, ""),
            ("least change", least.ratio, "ratio"),
            ("least difference", least.duration, "ns"),
        ],
    )
