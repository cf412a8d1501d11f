"""What a check saw becomes a row, the monitor's state, an outage, and news for the alert rules."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from diagnostics.models import Check, Monitor, Outage
from diagnostics.monitoring.alerts import tell_rules
from diagnostics.monitoring.checking import Seen
from diagnostics.querysets.monitors import Due


@transaction.atomic
def record(due: Due, at: datetime, seen: Seen) -> Check | None:
    """Keep one check that began at ``at``. None when its instant has a check already, or the monitor is gone."""
    monitor = Monitor.objects.select_for_update(of=("self",)).select_related("service").filter(pk=due.monitor).first()
    if monitor is None:
        return None
    check, is_new = Check.objects.get_or_create(monitor=monitor, due=due.slot, defaults=_row(at, seen))
    if monitor.busy_until == due.busy_until:
        monitor.busy_until = None
    # A check that a stopped worker finishes late tells of the past, not of now.
    is_newest = monitor.checked_at is None or at >= monitor.checked_at
    if is_new and is_newest:
        _move(monitor, check, seen)
    monitor.save()
    if is_new and is_newest:
        tell_rules(monitor, check)
    return check if is_new else None


def _row(at: datetime, seen: Seen) -> dict[str, object]:
    row: dict[str, object] = {
        "at": at,
        "ok": seen.ok,
        "status": seen.status,
        "reason": seen.reason,
        "error": seen.error.replace("\0", ""),
        "total_ns": seen.total_ns,
    }
    parts = ("dns_ns", "connect_ns", "tls_ns", "first_byte_ns")
    return row | {part: getattr(seen.timing, part) for part in parts if seen.timing}


def _move(monitor: Monitor, check: Check, seen: Seen) -> None:
    state = Monitor.State.UP if check.ok else Monitor.State.DOWN
    if state != monitor.state:
        monitor.state, monitor.changed_at = state, check.at
    monitor.checked_at = check.at
    monitor.failures = 0 if check.ok else monitor.failures + 1
    monitor.last_ns = check.total_ns if check.status is not None else None
    monitor.last_error = check.error
    monitor.certificate_until = seen.certificate_until or (None if check.ok else monitor.certificate_until)
    _keep_outage(monitor, check)


def _keep_outage(monitor: Monitor, check: Check) -> None:
    going_on = Outage.objects.filter(monitor=monitor, ended_at=None).first()
    if check.ok:
        if going_on:
            going_on.ended_at = check.at
            going_on.save(update_fields=["ended_at"])
    elif going_on:
        going_on.last_at, going_on.checks = check.at, going_on.checks + 1
        going_on.save(update_fields=["last_at", "checks"])
    else:
        Outage.objects.create(monitor=monitor, began_at=check.at, last_at=check.at, error=check.error)
