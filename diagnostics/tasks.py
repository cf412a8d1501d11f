"""Celery's entry points: fetch by id, call one use case."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from diagnostics import detection, ingest
from diagnostics.models import Artifact, Launch
from diagnostics.models.partitions import ensure_partitions

logger = logging.getLogger(__name__)


@shared_task(autoretry_for=(Exception,), retry_backoff=2, retry_backoff_max=60, max_retries=6)
def parse_artifact(artifact_id: str) -> None:
    launch_id = ingest.parse(uuid.UUID(artifact_id))
    if launch_id is not None:
        judge_launch.delay(str(launch_id))


@shared_task(autoretry_for=(Exception,), retry_backoff=2, retry_backoff_max=60, max_retries=6)
def judge_launch(launch_id: str) -> None:
    detection.judge(uuid.UUID(launch_id))


def enqueue_parse(artifact_id: uuid.UUID) -> None:
    """Ask a worker to parse. Without a queue the artifact is safe all the same: the sweep brings it back."""
    try:
        parse_artifact.apply_async((str(artifact_id),), retry=False)
    except OperationalError as error:
        logger.warning("The queue does not answer; artifact %s waits for the sweep: %s", artifact_id, error)


@shared_task
def sweep() -> None:
    """Enqueue again what a lost queue forgot: Postgres knows what was accepted, Redis only carries ids."""
    age = timedelta(seconds=settings.SWEEP_AGE)
    for artifact_id in Artifact.objects.left_behind(age)[: settings.SWEEP_BATCH]:
        parse_artifact.delay(str(artifact_id))
    for launch_id in Launch.objects.left_unjudged(age)[: settings.SWEEP_BATCH]:
        judge_launch.delay(str(launch_id))


@shared_task
def maintain_partitions() -> None:
    ensure_partitions()
