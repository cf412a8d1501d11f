"""The outbox holds what was said, once for each channel."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from diagnostics.delivery import enqueue, prune
from diagnostics.models import Delivery
from tests.delivery.conftest import MakeChannel, message


def test_once_for_each_channel(make_channel: MakeChannel) -> None:
    channels = [make_channel("slack"), make_channel("wecom")]
    first = enqueue(channels, message(), once="regression 7 opened")
    again = enqueue(channels, message("said otherwise"), once="regression 7 opened")
    assert [row.pk for row in again] == [row.pk for row in first]
    assert set(Delivery.objects.values_list("subject", flat=True)) == {"weights got slower"}
    assert len(enqueue(channels, message(), once="regression 7 resolved")) == 2
    assert Delivery.objects.counts() == {("slack", "waiting"): 2, ("wecom", "waiting"): 2}


def test_nothing_for_a_disabled_channel(make_channel: MakeChannel) -> None:
    assert enqueue([make_channel(enabled=False)], message(), once="x") == []


def test_a_group_waits_for_others_of_it(make_channel: MakeChannel) -> None:
    channel = make_channel()
    (alone,) = enqueue([channel], message(), once="a")
    (grouped,) = enqueue([channel], message(), once="b", group="open-autoglm")
    assert alone.next_try_at <= timezone.now() < grouped.next_try_at


def test_nothing_is_said_when_it_did_not_become_true(make_channel: MakeChannel) -> None:
    channel = make_channel()
    with transaction.atomic():
        enqueue([channel], message(), once="a")
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_say_the_same_at_once(make_channel: MakeChannel) -> None:
    channel = make_channel()
    together = threading.Barrier(4)

    def say() -> None:
        try:
            with transaction.atomic():
                together.wait()
                enqueue([channel], message(), once="the same")
        finally:
            connection.close()

    threads = [threading.Thread(target=say) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Delivery.objects.count() == 1


def test_what_was_told_long_ago_goes_and_what_waits_stays(make_channel: MakeChannel, settings: Settings) -> None:
    settings.DELIVERY_DAYS = 30
    channel = make_channel()
    for number, state in enumerate(("sent", "sent", "dead", "waiting")):
        enqueue([channel], message(), once=str(number))
        sent_at = timezone.now() if state == "sent" else None
        Delivery.objects.filter(once=str(number)).update(state=state, sent_at=sent_at)
    head, other, *_ = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=other.pk).update(sent_with=head)
    assert prune(timezone.now() + timedelta(days=29)) == 0
    assert prune(timezone.now() + timedelta(days=31), batch=1) == 3
    assert [row.state for row in Delivery.objects.all()] == ["waiting"]
