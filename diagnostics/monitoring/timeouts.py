"""What agents' ``glmctl`` probes say of the time-outs that a service's probes need: uploads put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any

from django.db.models import Q, QuerySet

from diagnostics.agent import false_positives
from diagnostics.agent.probing.outcome import Outcome
from diagnostics.models import Artifact, EventRecord, Service
from diagnostics.records import Kind

NEWEST = 20  # uploads of a service that are looked at: older ones tell of another network
Round = dict[float, Outcome]


@dataclass(frozen=True, slots=True)
class TimeoutRow:
    """One time-out over all rounds. ``mean_probes``: probes it takes until one succeeds; ``mean_ns`` of an answer."""

    timeout: float
    probes: int
    mean_probes: float | None
    mean_ns: float | None
    false_positives: int
    judged: int
    rate: float | None
    high: float | None
    recommended: bool


@dataclass(frozen=True, slots=True)
class ProbeTable:
    """One dependency as probed with one set of time-outs."""

    target: str
    protocol: str
    address: str
    uploads: int
    rounds: int
    newest: int  # ns
    rows: list[TimeoutRow]
    recommended: float | None
    because: str
    enough: bool


def probe_tables(service: Service) -> list[ProbeTable]:
    """A table for each dependency and set of time-outs in the newest uploads, the newest first."""
    uploads = list(_uploads(service)[:NEWEST])
    rounds = _rounds(uploads)
    groups: dict[tuple[Any, ...], list[Artifact]] = defaultdict(list)
    for artifact in uploads:
        if rounds[artifact.pk]:
            # Another set has another reference: their false positives must not be added up.
            groups[(*_target(artifact), _timeouts(rounds[artifact.pk]))].append(artifact)
    return [_table(some, [one for each in some for one in rounds[each.pk]]) for some in groups.values()]


def _uploads(service: Service) -> QuerySet[Artifact]:
    # What the sender told the server, which checked its token for it, beats what the file says.
    told = Q(given__has_key="service")
    named = told & _names("given", service) | ~told & _names("facts", service)
    own = Q(launch__service=service) | Q(launch=None) & named
    probes = Artifact.objects.filter(own, kind=Kind.PROBE, state=Artifact.State.PARSED, facts__type="timeouts")
    return probes.order_by("-received_at", "pk")


def _names(place: str, service: Service) -> Q:
    environment = Q(**{f"{place}__environment": service.environment})
    if not service.environment:
        environment |= ~Q(**{f"{place}__has_key": "environment"})
    return Q(**{f"{place}__service": service.name}) & environment


def _target(artifact: Artifact) -> tuple[str, str, str]:
    target = artifact.facts.get("target")
    told = target if isinstance(target, dict) else {}
    address = str(told.get("address") or "")
    return str(told.get("name") or address or "?"), str(told.get("protocol") or ""), address


def _rounds(uploads: Iterable[Artifact]) -> Mapping[Any, list[Round]]:
    """By upload: each round's probes by time-out, without rounds whose longest probe is missing."""
    found: dict[Any, dict[Any, Round]] = defaultdict(lambda: defaultdict(dict))
    rows = EventRecord.objects.filter(artifact__in=[one.pk for one in uploads]).order_by("artifact_id", "position")
    for pk, time, fields in rows.values_list("artifact_id", "time", "fields"):
        if fields and (outcome := _outcome(time, fields)):
            # Agents number the rounds; what others send has its moment.
            found[pk][fields.get("round", time)][outcome.timeout] = outcome
    return defaultdict(list, {pk: _complete(list(some.values())) for pk, some in found.items()})


def _outcome(time: int, fields: Mapping[str, Any]) -> Outcome | None:
    try:
        return Outcome(time, float(fields["timeout_s"]), bool(fields["ok"]), int(fields["duration_ns"]))
    except (KeyError, TypeError, ValueError):
        return None


def _complete(rounds: list[Round]) -> list[Round]:
    longest = max((max(one) for one in rounds), default=0)
    return [one for one in rounds if longest in one]


def _timeouts(rounds: list[Round]) -> tuple[float, ...]:
    return tuple(sorted({timeout for one in rounds for timeout in one}))


def _table(uploads: list[Artifact], rounds: list[Round]) -> ProbeTable:
    advice = false_positives.recommend(rounds)
    rows = [_row(row, rounds, advice.timeout) for row in false_positives.rows(rounds)]
    newest = max(outcome.time for one in rounds for outcome in one.values())
    target, protocol, address = _target(uploads[0])
    told = (advice.timeout, advice.because, advice.enough_data)
    return ProbeTable(target, protocol, address, len(uploads), len(rounds), newest, rows, *told)


def _row(row: false_positives.Row, rounds: list[Round], recommended: float | None) -> TimeoutRow:
    answers = [one[row.timeout].duration for one in rounds if row.timeout in one and one[row.timeout].ok]
    return TimeoutRow(
        timeout=row.timeout,
        probes=row.probes,
        mean_probes=row.probes / row.successes if row.successes else None,
        mean_ns=mean(answers) if answers else None,
        false_positives=row.false_positives,
        judged=row.judged,
        rate=row.rate,
        high=row.high,
        recommended=row.timeout == recommended,
    )
