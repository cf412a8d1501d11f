"""Who sends what, and when: due rows are taken by one worker each, within what their channel takes.

A claim is a lease. A worker that is lost leaves it behind; when it has run out, another one takes the rows, and goes on
after the last piece whose arrival was written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from diagnostics.delivery.kinds import KINDS, Rate
from diagnostics.models import Channel, Delivery
from diagnostics.querysets.deliveries import DeliveryQuerySet

MOST_TOGETHER = 50


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows that go out as one message, the first of them at the head."""

    channel: Channel
    rows: Sequence[Delivery]
    leased_until: datetime

    @property
    def head(self) -> Delivery:
        return self.rows[0]


def claim() -> Claim | None:
    """The next due message, leased to the caller; None when nothing is due or may go."""
    with durable():
        now = timezone.now()
        head = _due(now).select_for_update(of=("self", "channel"), skip_locked=True).first()
        if head is None:
            return None
        rows = [head, *_companions(head)]
        until = now + _lease()
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            leased_until=until, attempts=head.attempts + 1, parts_sent=head.parts_sent
        )
        Delivery.objects.filter(pk__in=[row.pk for row in rows[1:]]).update(sent_with=head)
        head.attempts += 1
        take_slot(head.channel, now)
        return Claim(head.channel, rows, until)


def extended(claim: Claim) -> Claim | None:
    """The same claim for one more piece; None when the channel has to wait or the lease was lost."""
    with durable():
        now = timezone.now()
        channel = Channel.objects.select_for_update().filter(pk=claim.channel.pk, enabled=True).first()
        until = now + _lease()
        if channel is None or not _is_free(channel, now) or not owned(claim).update(leased_until=until):
            return None
        take_slot(channel, now)
        return Claim(channel, claim.rows, until)


def seconds_to_next() -> float | None:
    """Until something may be due; None when nothing waits."""
    waiting = Delivery.objects.filter(state="waiting", sent_with=None, channel__enabled=True)
    never = timezone.now() - timedelta(days=1)
    due = waiting.annotate(
        due=Greatest("next_try_at", Coalesce("channel__paused_until", never), Coalesce("leased_until", never))
    ).aggregate(at=Min("due"))["at"]
    return None if due is None else max((due - timezone.now()).total_seconds(), 0.0)


def take_slot(channel: Channel, now: datetime) -> None:
    """Count one request to the channel, whose row the caller has locked; a full limit pauses it."""
    rates = KINDS[channel.kind].rates
    longest = max(rate.seconds for rate in rates)
    channel.sent_times = [at for at in channel.sent_times if (now - at).total_seconds() < longest] + [now]
    free_at = max(free for rate in rates if (free := _free_at(channel.sent_times, rate)))
    if free_at > now:
        channel.paused_until = max(channel.paused_until or free_at, free_at)
    Channel.objects.filter(pk=channel.pk).update(sent_times=channel.sent_times, paused_until=channel.paused_until)


@contextmanager
def durable() -> Iterator[None]:
    """A transaction that is on disk when it is over. Workers otherwise need not wait for that, for what they lose in a
    crash is done again; here, again would be told twice."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = on")
        yield


def _due(now: datetime) -> DeliveryQuerySet:
    return (
        Delivery.objects.select_related("channel")
        .filter(Q(leased_until=None) | Q(leased_until__lte=now))
        .filter(Q(channel__paused_until=None) | Q(channel__paused_until__lte=now))
        .filter(state="waiting", sent_with=None, next_try_at__lte=now, channel__enabled=True)
        .order_by("next_try_at", "pk")
    )


def _companions(head: Delivery) -> list[Delivery]:
    """Rows that go with it: those that did before, and unless some of it went already, what else waits of its group."""
    theirs = Q(sent_with=head)
    if head.group and not head.parts_sent:
        theirs |= Q(sent_with=None, group=head.group, parts_sent=0) & (
            Q(leased_until=None) | Q(leased_until__lte=timezone.now())
        )
    rows = Delivery.objects.filter(theirs, channel=head.channel, state="waiting").exclude(pk=head.pk)
    return list(rows.select_for_update().order_by("pk")[: MOST_TOGETHER - 1])


def owned(claim: Claim) -> DeliveryQuerySet:
    rows = Delivery.objects.filter(pk__in=[row.pk for row in claim.rows])
    return rows.filter(state="waiting", leased_until=claim.leased_until)


def _is_free(channel: Channel, now: datetime) -> bool:
    return channel.paused_until is None or channel.paused_until <= now


def _free_at(times: Sequence[datetime], rate: Rate) -> datetime:
    """When one more request keeps within the rate, in any window of its length."""
    if len(times) < rate.most:
        return times[-1]
    return times[-rate.most] + timedelta(seconds=rate.seconds)


def _lease() -> timedelta:
    return timedelta(seconds=60 + 4 * settings.DELIVERY_TIMEOUT)
