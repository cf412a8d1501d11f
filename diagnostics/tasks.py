"""Celery's entry points: fetch by id, call one use case."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from celery import Celery, shared_task
from django.conf import settings
from django.db.models import QuerySet
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from diagnostics import (
    alerting,
    delivery,
    detection,
    forwarding,
    ingest,
    metrics,
    monitoring,
    reporting,
    request_traces,
)
from diagnostics.baselines import judged_otherwise
from diagnostics.models import Artifact, BaselinePolicy, Launch, OtlpTrace
from diagnostics.models.partitions import ensure_partitions

logger = logging.getLogger(__name__)


@shared_task(autoretry_for=(Exception,), retry_backoff=2, retry_backoff_max=60, max_retries=6)
def parse_artifact(artifact_id: str) -> None:
    launch_id = ingest.parse(uuid.UUID(artifact_id))
    if launch_id:
        forwarding.offer(launch_id)
    # A launch's own file tells of that launch; a host's, of all those that it joins.
    for waiting in [launch_id] if launch_id else ingest.joined(uuid.UUID(artifact_id)):
        judge_launch.delay(str(waiting))


@shared_task(autoretry_for=(Exception,), retry_backoff=2, retry_backoff_max=60, max_retries=6)
def judge_launch(launch_id: str) -> None:
    detection.judge(uuid.UUID(launch_id))
    enqueue_evaluation(uuid.UUID(launch_id))


@shared_task(autoretry_for=(Exception,), retry_backoff=2, retry_backoff_max=60, max_retries=6)
def evaluate_alerts(launch_id: str) -> None:
    alerting.evaluate(uuid.UUID(launch_id))
    enqueue_delivery()


@shared_task
def patrol_alerts() -> None:
    alerting.patrol()
    enqueue_delivery()
    for launch_id in alerting.forgotten():
        evaluate_alerts.delay(str(launch_id))


def enqueue_evaluation(launch_id: uuid.UUID) -> None:
    """Ask a worker to hold a judged launch against the alert rules. Nothing that fails here is judging's concern: the
    patrol finds launches that were not looked at."""
    try:
        if alerting.concerned(launch_id):
            evaluate_alerts.apply_async((str(launch_id),), retry=False)
    except Exception:
        logger.exception("Launch %s waits for the patrol of the alert rules", launch_id)


def judge_again(policy: BaselinePolicy) -> None:
    """Flags of before the new normal are replaced by workers; without a queue they stay until somebody looks again."""
    try:
        for launch_id in judged_otherwise(policy).values_list("pk", flat=True):
            judge_launch.apply_async((str(launch_id),), retry=False)
    except OperationalError as error:
        logger.warning("The queue does not answer; launches keep the flags of the old normal: %s", error)


def enqueue_parse(artifact_id: uuid.UUID) -> None:
    """Ask a worker to parse. Without a queue the artifact is safe all the same: the sweep brings it back."""
    try:
        parse_artifact.apply_async((str(artifact_id),), retry=False)
    except OperationalError as error:
        logger.warning("The queue does not answer; artifact %s waits for the sweep: %s", artifact_id, error)


@shared_task
def settle_traces() -> None:
    """Traces that have become quiet are looked at and judged; whatever a crash leaves over is found the next time."""
    quiet = OtlpTrace.objects.ids_of_quiet(timedelta(seconds=settings.OTLP_QUIET))
    for trace_id in list(quiet[: settings.SWEEP_BATCH]):
        if launch_id := ingest.settle(trace_id):
            judge_launch.delay(str(launch_id))
            forwarding.offer(launch_id)


@shared_task
def sweep() -> None:
    """Enqueue again what a lost queue forgot: Postgres knows what was accepted, Redis only carries ids."""
    age = timedelta(seconds=settings.SWEEP_AGE)
    _enqueue_lost(parse_artifact, Artifact.objects.left_behind(age))
    _enqueue_lost(judge_launch, Launch.objects.left_unjudged(age))


def _enqueue_lost(task: Any, ids: QuerySet[Any, uuid.UUID]) -> None:
    # While messages wait, what is old is more likely late than lost. Enqueueing a backlog again, sweep after sweep,
    # would keep the workers busier with repetitions than with the backlog.
    if _waiting(task) == 0:
        for id_ in ids[: settings.SWEEP_BATCH]:
            task.delay(str(id_))


def _waiting(task: Any) -> int:
    """Messages in the task's queue that no worker has taken yet."""
    return _messages(task.app, [task.app.amqp.router.route({}, task.name)["queue"].name])[0]


def _messages(app: Celery, queues: Sequence[str]) -> list[int]:
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        return [int(channel.queue_declare(queue).message_count) for queue in queues]


def waiting_messages() -> dict[str, int]:
    """Messages that no worker has taken, by queue; none when the queue does not answer."""
    app = count_launches.app
    names = sorted(app.amqp.queues)
    try:
        return dict(zip(names, _messages(app, names), strict=True))
    except (OperationalError, RedisError) as error:
        logger.warning("The queue does not answer: %s", error)
        return {}


@shared_task
def forward_launches() -> None:
    forwarding.send_due()


@shared_task
def prune_traces() -> None:
    request_traces.prune()


@shared_task
def maintain_partitions() -> None:
    ensure_partitions()


@shared_task
def check_monitors() -> None:
    monitoring.run_due()
    enqueue_delivery()


@shared_task
def prune_monitors() -> None:
    monitoring.prune()


def enqueue_report(report_id: int) -> None:
    """Ask a worker to make it. Without a queue it waits: beat looks for what was lost."""
    try:
        make_report.apply_async((report_id,), retry=False)
    except OperationalError as error:
        logger.warning("The queue does not answer; report %s waits for beat: %s", report_id, error)


@shared_task
def send_due_reports() -> None:
    for report_id in reporting.claim_due():
        make_report.delay(report_id)


@shared_task
def make_report(report_id: int) -> None:
    if reporting.make(report_id):
        deliver.delay()


@shared_task
def deliver(patience: float = 0.0) -> None:
    """Messages that are due; beat's run also waits for those that are due soon."""
    delivery.deliver(patience)


def enqueue_delivery() -> None:
    """Have what may just have been written to the outbox sent when it is due; beat's look finds it in any case."""
    wait = delivery.seconds_to_next()
    # What is due later waits for its receiver to recover, and beat's look is soon enough for it.
    if wait is None or wait > settings.DELIVERY_GATHER:
        return
    try:
        deliver.apply_async(countdown=wait, expires=wait + settings.DELIVERY_INTERVAL, retry=False)
    except OperationalError as error:
        logger.warning("The queue does not answer; messages wait for beat: %s", error)


@shared_task
def prune_deliveries() -> None:
    delivery.prune()


@shared_task
def count_launches() -> None:
    metrics.count()
