"""A service's launches as a table: narrowed, sorted, and paged by a cursor that stays cheap at any depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict

from diagnostics.forms.launches import LaunchFilterForm
from diagnostics.models import Launch
from diagnostics.querysets.launches import LaunchQuerySet

PAGE = 50


@dataclass(frozen=True, slots=True)
class LaunchTable:
    form: LaunchFilterForm
    launches: Sequence[Launch]
    next: str  # query string of the next page, or "" on the last

    @property
    def narrowed(self) -> bool:
        return any(self.form.cleaned_data.get(name) for name in ("status", "version", "host", "label", "since"))


def launch_table(service_id: int, query: QueryDict) -> LaunchTable:
    form = LaunchFilterForm(query)
    form.is_valid()
    sort = form.cleaned_data.get("sort") or "newest"
    launches = _sorted(Launch.objects.filter(service_id=service_id).matching(form.narrowed()).with_rejection(), sort)
    page = list(_behind(launches, sort, query.get("cursor", ""))[: PAGE + 1])
    following = _query_of_next(query, sort, page[PAGE - 1]) if len(page) > PAGE else ""
    return LaunchTable(form, page[:PAGE], following)


def _sorted(launches: LaunchQuerySet, sort: str) -> LaunchQuerySet:
    if sort == "slowest":
        return launches.slowest_first()
    return launches.fastest_first() if sort == "fastest" else launches.newest_first()


def _behind(launches: LaunchQuerySet, sort: str, cursor: str) -> LaunchQuerySet:
    """A cursor that is not ours begins anew: a mistyped address still shows the table."""
    value, _, launch_id = cursor.partition("~")
    try:
        place, last = int(value), UUID(launch_id)
    except ValueError:
        return launches
    if sort == "newest":
        return launches.after_cursor(place, last)
    return launches.after_total(place, last, longer=sort == "fastest")


def _query_of_next(query: QueryDict, sort: str, last: Launch) -> str:
    following = query.copy()
    following["cursor"] = f"{last.start_time if sort == 'newest' else last.total_ns}~{last.pk}"
    return following.urlencode()
