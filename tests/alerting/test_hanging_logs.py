"""Logs that are sent while a launch goes on, by the way that real ones take."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from diagnostics.alerting import evaluate, patrol
from diagnostics.models import Alert, Launch, Service
from tests.alerting.conftest import MakeRule
from tests.ingest.sending import judged, send_file

LINES = (
    (0, "INFO Starting vLLM API server 0"),
    (5, "INFO Initializing an LLM engine (v0.9.1) with config"),
    (10, "INFO Starting to load model /models/x..."),
    (20, "INFO Loading weights took 9.50 seconds"),
    (26, "INFO init engine (profile, create kv cache, warmup model) took 5.00 seconds"),
    (27, "INFO:     Application startup complete."),
)
FAILURE = (12, "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB")


def sent(began: datetime, lines: tuple[tuple[int, str], ...], launch: str = "") -> Launch:
    log = "".join(f"{began + timedelta(seconds=at):%Y-%m-%dT%H:%M:%S.000000000Z} {text}\n" for at, text in lines)
    launch = launch or str(uuid.uuid4())
    send_file(log.encode(), "container-log", service="open-autoglm", environment="prod", launch=launch)
    return judged(launch)


def test_a_log_in_the_middle_of_a_launch_is_of_one_that_goes_on(rule: MakeRule, service: Service) -> None:
    rule("launch-failed")
    rule("launch-hung", settings={"factor": 3, "least_s": 60})
    now = datetime.now(UTC)
    for number in range(8):
        assert sent(now - timedelta(hours=9 - number), LINES).status == "success"
    launch = sent(now - timedelta(seconds=20), LINES[:3])
    assert (launch.status, launch.headline) == ("running", "Not ready after 10.0 s")
    evaluate(launch.pk)
    patrol(now + timedelta(seconds=30))
    assert not Alert.objects.exists()
    patrol(now + timedelta(seconds=90))
    alert = Alert.objects.get()
    assert (alert.kind, alert.launch_id, alert.state) == ("launch-hung", launch.pk, "firing")
    # The whole log arrives: it was ready after all.
    assert sent(now - timedelta(seconds=20), LINES, str(launch.pk)).status == "success"
    patrol(timezone.now() + timedelta(seconds=120))
    assert Alert.objects.get().state == "resolved"


def test_a_log_that_tells_of_a_failure_is_of_one_that_failed(service: Service) -> None:
    assert sent(datetime.now(UTC), (*LINES[:3], FAILURE)).status == "failed"
