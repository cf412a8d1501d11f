"""A launch's phases as a table: the waterfall's numbers, searchable, sorted, a hundred at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from diagnostics.models import Launch, PhaseRecord

PAGE = 100
ORDERS = {
    "start": ("start_time", "-duration_ns", "position"),
    "duration": ("-duration_ns", "position"),
    "self": ("-self_ns", "position"),
    "critical": ("-critical_ns", "position"),
    "slack": ("-slack_ns", "position"),
}


@dataclass(frozen=True, slots=True)
class PhaseTable:
    phases: Sequence[PhaseRecord]
    sort: str
    find: str
    total: int
    page: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.phases) - 1

    @property
    def has_next(self) -> bool:
        return self.last < self.total


def phase_table(launch: Launch, query: QueryDict) -> PhaseTable:
    sort = query.get("sort", "start")
    sort = sort if sort in ORDERS else "start"
    find = query.get("find", "").replace("\0", "").strip()
    phases = PhaseRecord.objects.filter(launch=launch).prefetch_related("series").order_by(*ORDERS[sort])
    if find:
        phases = phases.filter(series__name__icontains=find)
    total = phases.count() if find else launch.phase_count
    page = min(_page(query.get("page", "")), max(1, -(-total // PAGE)))
    return PhaseTable(list(phases[(page - 1) * PAGE : page * PAGE]), sort, find, total, page)


def _page(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
