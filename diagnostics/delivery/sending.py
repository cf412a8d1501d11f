"""Workers empty the outbox.

A message is told at least once, and in all but one case exactly once: when a worker is lost after the receiver took a
piece and before its receipt is written down, that piece is sent again, because an alert that never comes is worse than
one that comes twice. Receivers can tell: the id of a webhook and the Message-ID of a mail stay the same.
"""

from __future__ import annotations

import logging
import random
import time
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from diagnostics.delivery.carrying import Carriage
from diagnostics.delivery.claiming import Claim, claim, durable, extended, owned, seconds_to_next
from diagnostics.delivery.combining import combined
from diagnostics.delivery.kinds import Outcome
from diagnostics.delivery.message import Message
from diagnostics.models import Channel, Delivery

logger = logging.getLogger(__name__)

LONGEST_RUN = 60.0  # seconds; then another task goes on, so that none runs into its time limit
LONGEST_DELAY = 3600.0
# A receiver that says “too fast” does not use up attempts, but not for ever either.
PATIENCE = timedelta(days=1)


def deliver(patience: float = 0.0) -> int:
    """Send what is due; waits up to ``patience`` seconds for what is due soon. Returns how many messages were tried."""
    began, tried = time.monotonic(), 0
    while (spent := time.monotonic() - began) < LONGEST_RUN:
        if claimed := claim():
            _carry(claimed)
            tried += 1
            continue
        wait = seconds_to_next()
        if wait is None or spent + wait > patience:
            break
        time.sleep(max(wait, 0.05))
    return tried


def try_again(delivery: Delivery) -> None:
    """A dead message waits once more, with those that were sent with it."""
    head = delivery.sent_with_id or delivery.pk
    Delivery.objects.filter(Q(pk=head) | Q(sent_with=head), state="dead").update(
        state="waiting", attempts=0, next_try_at=timezone.now(), leased_until=None
    )


def _carry(claimed: Claim) -> None:
    # As they were said: the head is the one that was due first, which after a failure may be a later one.
    message = combined([Message.from_json(row.message) for row in sorted(claimed.rows, key=lambda row: row.pk)])
    carriage = Carriage(claimed.channel, message, str(claimed.head.key))
    if claimed.head.attempts > settings.DELIVERY_ATTEMPTS:
        error = "The worker that was sending it was lost, each time it was tried."
        return _failed(claimed, Outcome(arrived=False, again=False, error=error))
    number = claimed.head.parts_sent
    while True:
        outcome = carriage.carry(number)
        if not outcome.arrived:
            return _failed(claimed, outcome)
        number += 1
        if number >= len(carriage.pieces):
            return _arrived(claimed, message, outcome)
        _progressed(claimed, number)
        following = extended(claimed)
        if following is None:
            return _released(claimed)
        claimed = following


def _arrived(claimed: Claim, message: Message, outcome: Outcome) -> None:
    with durable():
        # What was said at length has been said: attachments and HTML need not be kept.
        kept = {"subject": message.subject, "text": message.text, "url": message.url, "severity": message.severity}
        told = owned(claimed).update(
            state="sent", sent_at=timezone.now(), leased_until=None, message=kept, last_error=outcome.error
        )
    if not told:
        logger.warning("Delivery %s took longer than its lease; it may be sent again", claimed.head.pk)


def _progressed(claimed: Claim, number: int) -> None:
    with durable():
        owned(claimed).update(parts_sent=number, attempts=0)


def _released(claimed: Claim) -> None:
    """The channel takes no more for now: the rest goes when it does. This is no failure."""
    owned(claimed).update(leased_until=None, next_try_at=timezone.now(), attempts=0)


def _failed(claimed: Claim, outcome: Outcome) -> None:
    now, head = timezone.now(), claimed.head
    spared = outcome.throttled and now - head.created_at < PATIENCE
    if not spared and (not outcome.again or head.attempts >= settings.DELIVERY_ATTEMPTS):
        logger.warning("Delivery %s on channel %s is dead: %s", head.pk, claimed.channel.pk, outcome.error)
        with durable():
            owned(claimed).update(state="dead", leased_until=None, last_error=outcome.error)
        return
    again_at = now + timedelta(seconds=delay(head.attempts, outcome.after))
    logger.info("Delivery %s on channel %s failed: %s", head.pk, claimed.channel.pk, outcome.error)
    with durable():
        owned(claimed).update(
            leased_until=None,
            next_try_at=again_at,
            last_error=outcome.error,
            attempts=head.attempts - 1 if spared else head.attempts,
        )
        # The other messages of the channel would fare alike.
        Channel.objects.filter(Q(paused_until=None) | Q(paused_until__lt=again_at), pk=claimed.channel.pk).update(
            paused_until=again_at
        )


def delay(attempts: int, after: float | None = None) -> float:
    """Seconds until the next attempt: three times as long each time, a quarter more or less so that many who failed
    together do not come back together, and never before the receiver said."""
    wait = min(settings.DELIVERY_BACKOFF * 3.0 ** min(attempts - 1, 20), LONGEST_DELAY)
    wait *= random.uniform(0.75, 1.25)  # noqa: S311  # no secret
    return max(wait, after or 0.0)
