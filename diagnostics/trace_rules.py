"""The list of rules that tells launches from requests, edited by people. The first edit writes the defaults down."""

from __future__ import annotations

from django.db import connection, transaction

from diagnostics.models import OtlpTrace, TraceRule
from diagnostics.parsers.otlp import Rule

FIELDS = ("verdict", "name", "span", "service", "kind", "attribute", "resource", "by_agent")
# Two people who edit at once would number each other's lines: one waits for the other.
LOCK = "LOCK TABLE diagnostics_tracerule IN SHARE ROW EXCLUSIVE MODE"


def are_default() -> bool:
    return not TraceRule.objects.exists()


@transaction.atomic
def add(rule: Rule, place: int = 0) -> None:
    """At this place, counted from 0: the first by default, for what is particular comes before what is general."""
    rules = _locked()
    _write([*rules[:place], rule, *rules[place:]])


@transaction.atomic
def move(place: int, by: int) -> None:
    """One up (-1) or down (1); a place that does not exist moves nothing."""
    rules, other = _locked(), place + by
    if 0 <= place < len(rules) and 0 <= other < len(rules):
        rules[place], rules[other] = rules[other], rules[place]
        _write(rules)


@transaction.atomic
def remove(place: int) -> None:
    """The last rule of all cannot go: an empty list means the defaults."""
    rules = _locked()
    if 0 <= place < len(rules) > 1:
        del rules[place]
        _write(rules)


@transaction.atomic
def reset() -> None:
    """Back to the defaults, those of later versions included."""
    TraceRule.objects.all().delete()


def look_again(trace: OtlpTrace) -> None:
    """The next settling decides on this trace by the rules of today."""
    OtlpTrace.objects.filter(pk=trace.pk).update(stored=False, settled=False)


def _locked() -> list[Rule]:
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    return list(TraceRule.objects.in_force())


def _write(rules: list[Rule]) -> None:
    TraceRule.objects.all().delete()
    told = [{name: getattr(rule, name) for name in FIELDS} for rule in rules]
    TraceRule.objects.bulk_create(TraceRule(position=n, **fields) for n, fields in enumerate(told))
