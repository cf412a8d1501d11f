"""Tasks that may have said something ask for it to be sent; beat need not come by first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from diagnostics import tasks
from diagnostics.delivery import enqueue
from diagnostics.models import Delivery
from tests.delivery.conftest import MakeChannel, message
from tests.ingest.test_tasks import messages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue_is_empty")]


@pytest.mark.parametrize("task", [tasks.patrol_alerts, tasks.check_monitors], ids=lambda task: task.name)
def test_what_is_due_soon_is_asked_for(make_channel: MakeChannel, task: Callable[[], Any]) -> None:
    queue = redis.Redis.from_url(settings.REDIS_URL)
    task()
    assert messages(queue) == []
    (row,) = enqueue([make_channel()], message(), once="a", group="incident:1")
    task()
    assert messages(queue) == [("diagnostics.tasks.deliver", [])]
    # A receiver that is out of order is not asked for again and again.
    Delivery.objects.filter(pk=row.pk).update(next_try_at=timezone.now() + timedelta(hours=1))
    task()
    assert len(messages(queue)) == 1
