"""From what is stored to what a report says: one query a question, however many services and launches there are."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from diagnostics.models import Service
from diagnostics.querysets import reports as questions
from diagnostics.querysets.reports import Scope
from diagnostics.reporting.content import (
    Content,
    CoverageDrop,
    Improved,
    NotJudged,
    ServiceRow,
    SlowHost,
    Unfinished,
)
from diagnostics.reporting.regressions import Told, regressions

LISTED, FEW = 30, 10
LEAST = 3  # launches that tell of a host, a drop or an improvement
COVERAGE_DROP = 0.05  # of the launch
HOST_RATIO = 1.1  # slower than the other hosts by this
MANY_HOSTS = 40  # from so many on, one host does not move the median of all
CLASSES = ("cold", "warm", "hot", "unknown")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is to be about: services by id (none: all), labels, period; and why it is made."""

    since: datetime
    until: datetime
    services: Sequence[int] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    time_zone: str = "UTC"
    language: str = "en"
    why: str = "by-hand"
    missed: int = 0

    def because(self, why: str, missed: int) -> Asked:
        return replace(self, why=why, missed=missed)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The content, and the names of all services in its scope."""

    content: Content
    services: Sequence[str]


def gather(asked: Asked) -> Gathered:
    """Everything the report says but its headline, which needs words."""
    known = Service.objects.filter(pk__in=asked.services) if asked.services else Service.objects.all()
    services = dict(known.values_list("pk", "name"))
    scope = Scope(list(services), asked.labels, asked.since, asked.until)
    rows = scope.rows(questions.SERVICES)
    found = regressions(scope)
    lists = _lists(scope, found)
    shown: dict[str, Any] = {name: list(told) for name, (told, _) in lists.items()}
    content = Content(
        name=asked.name,
        since=_iso(asked.since),
        until=_iso(asked.until),
        time_zone=asked.time_zone,
        language=asked.language,
        why=asked.why,
        missed=asked.missed,
        made_at=_iso(datetime.now(UTC)),
        services_in_scope=len(services),
        labels=dict(asked.labels),
        launches=sum(row[3] for row in rows),
        failed=sum(row[4] for row in rows),
        classes=_classes([sum(column) for column in zip(*(row[6:] for row in rows), strict=True)]),
        services=[_service(row) for row in rows[:LISTED]],
        counts={name: count for name, (_, count) in lists.items()} | {"services": len(rows)},
        **shown,
    )
    return Gathered(content, sorted(set(services.values())))


def _lists(scope: Scope, found: Mapping[str, Told]) -> dict[str, tuple[Sequence[Any], int]]:
    """By the name of the content's list: the entries shown, and how many there are."""
    hosts = _slow_hosts(scope.rows(questions.HOSTS))
    coverage = scope.rows(questions.COVERED, least=LEAST, drop=COVERAGE_DROP)
    unfinished = scope.rows(questions.UNFINISHED, limit=LISTED)
    unjudged = [NotJudged(*row) for row in scope.rows(questions.NOT_JUDGED)]
    improved = scope.rows(questions.IMPROVED, least=LEAST, limit=LISTED)
    return {
        **{part: (told.rows, told.count) for part, told in found.items()},
        "improvements": ([_improved(row) for row in improved], _count(improved)),
        "hosts": (hosts[:FEW], len(hosts)),
        "coverage": ([CoverageDrop(*row) for row in coverage[:LISTED]], len(coverage)),
        "unfinished": ([_unfinished(row) for row in unfinished], _count(unfinished)),
        "not_judged": (unjudged[:LISTED], sum(one.launches for one in unjudged)),
    }


def _count(rows: Sequence[Sequence[Any]]) -> int:
    """How many there are in all: the last column says it in every row."""
    return int(rows[0][-1]) if rows else 0


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _classes(counts: Iterable[int]) -> dict[str, int]:
    return {name: count for name, count in zip(CLASSES, counts, strict=False) if count}


def _service(row: Sequence[Any]) -> ServiceRow:
    _, name, environment, launches, failed, median, *classes = row
    return ServiceRow(name, environment, launches, failed, median, _classes(classes))


def _improved(row: Sequence[Any]) -> Improved:
    service, environment, phase, launches, before, now, first, version, _ = row
    return Improved(service, environment, phase, launches, before, now, str(first), version)


def _unfinished(row: Sequence[Any]) -> Unfinished:
    launch, *rest = row[:-1]
    return Unfinished(str(launch), *rest)


def _slow_hosts(rows: Sequence[Sequence[Any]]) -> list[SlowHost]:
    """The slowest first; hosts are held against the others that launched the same thing in the same way."""
    groups: dict[tuple[str, str, str, str], list[tuple[str, int, int]]] = defaultdict(list)
    for *group, host, launches, median in rows:
        name, environment, start_class, begins_with = group
        groups[name, environment, start_class, begins_with].append((host, launches, median))
    found = []
    for (name, environment, start_class, _), hosts in groups.items():
        of_all = statistics.median([median for *_, median in hosts])
        for host, launches, median in hosts:
            others = of_all if len(hosts) > MANY_HOSTS else _median_of_others(hosts, host)
            if launches >= LEAST and others is not None and median > others * HOST_RATIO:
                found.append(SlowHost(host, name, environment, start_class, launches, median, round(others)))
    return sorted(found, key=lambda one: one.others_ns - one.median_ns)


def _median_of_others(hosts: Sequence[tuple[str, int, int]], host: str) -> float | None:
    others = [median for name, _, median in hosts if name != host]
    return statistics.median(others) if others else None
