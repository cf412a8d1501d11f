"""Checks are run by whichever worker comes first, many at once, and never two of one monitor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation

from diagnostics.models import Check, Monitor
from diagnostics.monitoring.checking import Seen, look
from diagnostics.monitoring.recording import record
from diagnostics.querysets.monitors import Due

# Seconds a check may take beyond its own limit before it counts as lost with its worker.
GRACE = 30
Look = Callable[[Monitor], Seen]


def run_due(now: datetime | None = None, looking: Look = look) -> list[Check]:
    """Check what is due, up to MONITOR_BATCH monitors at once; those that are left wait for the next beat.

    ``now`` is the clock, for those who drive it themselves.
    """
    claimed = Monitor.objects.claim(now or timezone.now(), settings.MONITOR_BATCH, GRACE)
    return list(_run(claimed, now, looking))


def check_now(monitor: Monitor, now: datetime | None = None, looking: Look = look) -> Check | None:
    """Check one out of turn; None while its check runs."""
    due = Monitor.objects.claim_one(monitor, now or timezone.now(), GRACE)
    return next(iter(_run([due], now, looking)), None) if due else None


def _run(claimed: Iterable[Due], now: datetime | None, looking: Look) -> Iterator[Check]:
    """Asked in threads, written here: each as soon as it is known, so that a slow one holds up nobody's news."""
    by_id = {due.monitor: due for due in claimed}
    if not by_id:
        return
    monitors = Monitor.objects.in_bulk(list(by_id))
    with ThreadPoolExecutor(len(by_id)) as pool:
        asked = {pool.submit(_timed, monitor, now, looking): by_id[pk] for pk, monitor in monitors.items()}
        for future in as_completed(asked):
            at, seen = future.result()
            if check := record(asked[future], at, seen):
                yield check


def _timed(monitor: Monitor, now: datetime | None, looking: Look) -> tuple[datetime, Seen]:
    # What is stored is read by people of every language, and by programs.
    with translation.override("en"):
        at = now or timezone.now()
        try:
            return at, looking(monitor)
        except Exception as error:  # a mistake of ours must not leave the others of the batch unrecorded
            return at, Seen(ok=False, total_ns=0, reason="internal", error=f"The check itself broke: {error!r}.")
