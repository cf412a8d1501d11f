"""The test button: one message at once, past the outbox, and what came of it."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from diagnostics.delivery.carrying import Carriage
from diagnostics.delivery.claiming import durable, take_slot
from diagnostics.delivery.kinds import Outcome
from diagnostics.delivery.message import Message, Section
from diagnostics.models import Channel


def send_test(channel: Channel, url: str, said_by: str) -> Outcome:
    """Send a test message and keep the result with the channel. ``url`` is where the message leads."""
    with translation.override(channel.language):
        message = _message(channel, url, said_by)
    with durable():
        take_slot(Channel.objects.select_for_update().get(pk=channel.pk), timezone.now())
    outcome = Carriage(channel, message, str(uuid4())).carry(0)
    Channel.objects.filter(pk=channel.pk).update(tested_at=timezone.now(), test_error=outcome.error)
    return outcome


def _message(channel: Channel, url: str, said_by: str) -> Message:
    words = {"channel": channel.name, "who": said_by}
    sentence = _("%(who)s is testing the channel “%(channel)s”. Reports and alerts will arrive here.") % words
    title = _("Test message from Launchscope")
    return Message(title, sentence, url=url, sections=[Section("", [sentence])])
