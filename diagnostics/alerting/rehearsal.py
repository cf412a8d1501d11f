"""What a rule would have done: it looks at the launches of the past, and nothing is stored or told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from diagnostics.alerting.kinds import KINDS
from diagnostics.alerting.machine import Look, Track
from diagnostics.alerting.observing import terms_of
from diagnostics.alerting.subject import Observation
from diagnostics.models import AlertRule, Launch

LAUNCHES = 100


@dataclass(slots=True)
class Rehearsal:
    """``fired`` are the looks that would have begun an alert, newest first; ``held`` counts those that met the
    condition. Not ``possible``: this kind does not look at launches of the past."""

    possible: bool = True
    launches: int = 0
    held: int = 0
    fired: list[tuple[Launch, Observation]] = field(default_factory=list)


def rehearse(rule: AlertRule, count: int = LAUNCHES) -> Rehearsal:
    """Let a rule, stored or drafted, look at the newest judged launches that concern it, in their order."""
    kind = KINDS[rule.kind]
    if not kind.can_be_tried:
        return Rehearsal(possible=False)
    launches = _concerned(rule, count)
    rehearsal = Rehearsal(launches=len(launches))
    if kind.rehearse:
        rehearsal.fired = list(kind.rehearse(rule, launches))
        rehearsal.held = len(rehearsal.fired)
    else:
        _play(rule, launches, rehearsal)
    rehearsal.fired.reverse()
    return rehearsal


def _concerned(rule: AlertRule, count: int) -> list[Launch]:
    """Oldest first."""
    judged = Launch.objects.filter(state=Launch.State.JUDGED).select_related("service__policy", "host")
    if rule.service_id is not None:
        judged = judged.filter(service=rule.service_id)
    if rule.environment:
        judged = judged.filter(service__environment=rule.environment)
    return list(judged.defer("gaps").order_by("-start_time", "-id")[:count])[::-1]


def _play(rule: AlertRule, launches: Sequence[Launch], rehearsal: Rehearsal) -> None:
    judge = KINDS[rule.kind].judge
    assert judge
    tracks: dict[tuple[int, str], Track] = defaultdict(Track)
    live: set[tuple[int, str]] = set()
    for launch in launches:
        for seen in judge(rule, launch):
            place, terms = (seen.subject.service.pk, seen.subject.key), terms_of(rule, seen.once)
            tracks[place] = track = tracks[place].after(Look(seen.at, seen.instance, seen.holds), terms)
            rehearsal.held += seen.holds
            if place in live and track.is_over(terms):
                live.discard(place)
            elif place not in live and track.fires(terms):
                live.add(place)
                rehearsal.fired.append((launch, seen))
