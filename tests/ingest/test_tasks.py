"""What travels through the queue, and what the sweep brings back."""

from __future__ import annotations

import json
import uuid
from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings as in_force
from django.utils import timezone

from diagnostics import detection, ingest, tasks
from diagnostics.ingest import Upload, accept
from diagnostics.models import Artifact, Launch
from tests.data.snapshots import encoded, sequence

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue_is_empty")]


@pytest.fixture
def queue() -> redis.Redis:
    return redis.Redis.from_url(in_force.REDIS_URL)


def messages(queue: redis.Redis) -> list[tuple[str, list[Any]]]:
    """Task and arguments of everything that waits, whatever its priority."""
    lists = [key for key in queue.scan_iter() if queue.type(key) == b"list"]
    waiting = [json.loads(raw) for key in lists for raw in queue.lrange(key, 0, -1)]
    return [(message["headers"]["task"], json.loads(b64decode(message["body"]))[0]) for message in waiting]


def accepted(number: int = 0) -> uuid.UUID:
    return accept(Upload(encoded(sequence(10, number=number)))).artifact


def age(**ago: float) -> None:
    Artifact.objects.update(received_at=timezone.now() - timedelta(**ago))
    Launch.objects.update(received_at=timezone.now() - timedelta(**ago))


def test_a_message_carries_an_id_and_nothing_else(queue: redis.Redis) -> None:
    artifact = accepted()
    tasks.enqueue_parse(artifact)
    assert messages(queue) == [("diagnostics.tasks.parse_artifact", [str(artifact)])]


def test_a_parsed_launch_is_handed_on_for_judging(queue: redis.Redis) -> None:
    artifact = accepted()
    tasks.parse_artifact(str(artifact))
    launch = Launch.objects.get()
    assert messages(queue) == [("diagnostics.tasks.judge_launch", [str(launch.pk)])]
    tasks.judge_launch(str(launch.pk))
    assert Launch.objects.get().state == "judged"


def test_the_sweep_brings_back_what_is_old_and_nothing_else(queue: redis.Redis) -> None:
    lost = [accepted(number) for number in range(3)]
    parsed, judged = accepted(3), accepted(4)
    for artifact in (parsed, judged):
        ingest.parse(artifact)
    unjudged, done = (Launch.objects.get(artifacts=artifact).pk for artifact in (parsed, judged))
    detection.judge(done)
    age(seconds=in_force.SWEEP_AGE + 5)
    fresh = accepted(5)

    tasks.sweep()

    assert sorted(messages(queue)) == sorted(
        [("diagnostics.tasks.parse_artifact", [str(artifact)]) for artifact in lost]
        + [("diagnostics.tasks.judge_launch", [str(unjudged)])]
    )
    assert str(fresh) not in str(messages(queue))


def test_a_backlog_is_not_enqueued_again(queue: redis.Redis) -> None:
    for number in range(3):
        tasks.enqueue_parse(accepted(number))
    age(hours=1)
    for _ in range(3):
        tasks.sweep()
    assert len(messages(queue)) == 3


def test_a_sweep_brings_back_so_many_at_once(queue: redis.Redis, settings: Any) -> None:
    settings.SWEEP_BATCH = 2
    oldest = [accepted(number) for number in range(5)][:2]
    age(hours=1)
    Artifact.objects.filter(pk__in=oldest).update(received_at=timezone.now() - timedelta(hours=2))
    tasks.sweep()
    assert {arguments[0] for _, arguments in messages(queue)} == {str(artifact) for artifact in oldest}


def test_without_a_queue_an_upload_is_kept_for_the_sweep(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    from kombu.exceptions import OperationalError

    def unreachable(*_: object, **__: object) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.parse_artifact, "apply_async", unreachable)
    artifact = accepted()
    tasks.enqueue_parse(artifact)
    assert "waits for the sweep" in caplog.text
    assert Artifact.objects.get().state == "received"
