"""A service with launches, and regressions sighted on it, without the long way through uploads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from diagnostics.models import Launch, Series, Service
from diagnostics.records import NS_PER_SECOND
from diagnostics.triage import Sighting

HOUR = 3600 * NS_PER_SECOND
Sight = Callable[..., Sighting]


@pytest.fixture
def service(db: None) -> Service:
    return Service.objects.create(name="open-autoglm", environment="prod")


def launch(service: Service, number: int, total: int = 1000, **more: object) -> Launch:
    """Launch ``number`` (one an hour) of so many ms, judged."""
    facts = {"state": "judged", "status": "success", "version": f"1.{number}", **more}
    return Launch.objects.create(service=service, start_time=number * HOUR, total_ns=total * 10**6, **facts)


def series(service: Service, path: str) -> Series:
    return Series.objects.get_or_create(service=service, path=path, name=path.rpartition("/")[2])[0]


def sighting(
    service: Service,
    path: str | None = None,
    first: Launch | None = None,
    baseline: int = 1000,
    candidate: int = 1600,
    slow: tuple[int, ...] = (10, 11, 12),
) -> Sighting:
    """Slower since launch 10; durations in ms, ``slow`` as numbers of launches."""
    first = first or Launch.objects.filter(service=service, start_time=slow[0] * HOUR).first()
    return Sighting(
        series=series(service, path) if path else None,
        baseline=baseline * 10**6,
        candidate=candidate * 10**6,
        low=0.95 * candidate / baseline,
        high=1.05 * candidate / baseline,
        limit=round(1.05 * baseline * 10**6),
        first=first or launch(service, slow[0], candidate),
        slow=[number * HOUR for number in slow],
        needed=3,
        rule="made for this test",
    )
