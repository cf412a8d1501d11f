"""One box for everything: launches by the start of their id, services, phases and hosts by part of their name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render

from diagnostics.models import Host, Launch, PhaseRecord, Series, Service
from diagnostics.views.access import Visitor

MOST = 20  # of each kind; more than a reader would read, so the page says to be more exact
UUID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Found:
    launches: list[Launch]
    services: list[Service]
    series: list[Any]
    hosts: list[Any]

    @property
    def nothing(self) -> bool:
        return not (self.launches or self.services or self.series or self.hosts)


def search(request: Visitor) -> HttpResponse:
    query = request.GET.get("q", "").replace("\0", "").strip()[:200]
    found = Found(_launches(query), _services(query), _series(query), _hosts(query)) if query else None
    if found and len(query.replace("-", "")) == UUID_DIGITS and found.launches:
        return redirect("launch", found.launches[0].pk)
    return render(request, "search.html", {"query": query, "found": found, "most": MOST})


def _launches(query: str) -> list[Launch]:
    """By id prefix: a range of the primary key."""
    digits = query.replace("-", "").lower()
    if not 4 <= len(digits) <= UUID_DIGITS or set(digits) - set("0123456789abcdef"):
        return []
    first, last = (UUID(digits.ljust(UUID_DIGITS, fill)) for fill in "0f")
    return list(Launch.objects.newest_first().filter(pk__range=(first, last))[:MOST])


def _services(query: str) -> list[Service]:
    return list(Service.objects.filter(name__icontains=query)[:MOST])


def _series(query: str) -> list[Any]:
    """Phases with the newest launch that has each."""
    newest = PhaseRecord.objects.filter(series=OuterRef("pk")).order_by("-start_time").values("launch_id")[:1]
    matching = Series.objects.filter(name__icontains=query).select_related("service").order_by("name", "pk")
    return list(matching[:MOST].annotate(launch_id=Subquery(newest)))


def _hosts(query: str) -> list[Any]:
    """Hosts with one of the services that ran there; its table of launches can be narrowed to the host."""
    newest = Launch.objects.filter(host=OuterRef("pk")).order_by("-start_time")[:1]
    of_newest = {
        "service": Subquery(newest.values("service__name")),
        "environment": Subquery(newest.values("service__environment")),
    }
    return list(Host.objects.filter(name__icontains=query).order_by("name").values("name", **of_newest)[:MOST])
