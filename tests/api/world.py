"""Something of everything that the API can tell of, for those who ask all of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import override_settings

from diagnostics import reporting
from diagnostics.alerting import evaluate
from diagnostics.models import AlertRule, Launch, Regression, Schedule, Service
from diagnostics.monitoring import record
from diagnostics.querysets.monitors import Due
from diagnostics.reporting import Wanted, save_schedule
from tests.api.conftest import Caller, issue, send, work
from tests.data.cluster import BOOT, oom_log
from tests.data.snapshots import T0, phase, snapshot
from tests.ingest.test_detection import SLOW, USUAL, steps
from tests.monitoring.conftest import bad, good

MONITOR = {"service": "x", "environment": "prod", "name": "health", "url": "http://127.0.0.1:9/health"}
BEGIN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def populated() -> dict[str, Any]:
    """Ids by the names that paths have for them: launches, an artifact, a regression, a monitor, an alert, a report."""
    sender, admin = Caller(issue("ingest")), Caller(issue("admin"))
    for number in range(13):
        duration = SLOW if number >= 10 else USUAL
        send(sender, steps(number, duration, service="x", environment="prod", version=str(number)))
    launch = send(sender, _failed())
    artifact = sender.client.post(
        f"/api/v1/artifacts?kind=kernel-log&launch={launch}&service=x", oom_log(40), content_type="text/plain"
    ).json()["id"]
    work(artifact)
    sender.change("POST", "/markers", {"service": "x", "environment": "prod", "version": "10", "time": T0})
    rule = AlertRule.objects.create(name="slow", kind="launch-limit", settings={"limit_s": 0.1}, created_at=BEGIN)
    evaluate(Launch.objects.latest("received_at").pk)
    return {
        "launch_id": launch,
        "artifact_id": artifact,
        "name": "x",
        "regression_id": Regression.objects.earliest("pk").pk,
        "monitor_id": _monitor(admin),
        "rule_id": rule.pk,
        "alert_id": 1,
        "report_id": _report(),
    }


def _failed() -> Any:
    phases = [phase("启动", 0, 2_000), phase("weights-load", 2_000, 40_000, status="failed", attributes={"bytes": 1})]
    return snapshot(*phases, service="x", environment="prod", host={"name": "node-7", "boot_time": BOOT})


@override_settings(OUTBOUND_ALLOW=["127.0.0.1"])
def _monitor(admin: Caller) -> int:
    status, made = admin.change("POST", "/monitors", MONITOR)
    assert status == 201, made
    for n in range(5):
        at = BEGIN + timedelta(seconds=30 * n)
        record(Due(made["id"], at, at), at + timedelta(seconds=1), bad() if n == 3 else good())
    return int(made["id"])


def _report() -> int:
    assert Service.objects.exists()
    schedule = save_schedule(Schedule(), Wanted(name="Daily", cron="0 8 * * *"), "editor")
    made = reporting.make(reporting.send_now(schedule, "editor").pk)
    assert made is not None
    return made.pk
