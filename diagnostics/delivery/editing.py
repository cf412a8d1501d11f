"""Channels are made and changed. Secrets that are not typed again stay, unless what they were for has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from diagnostics.delivery.claiming import durable
from diagnostics.models import Channel, sealed


class ChannelError(Exception):
    """What is wrong with a wanted channel: a sentence, and the field it is about."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class WantedChannel:
    """``secrets`` that are empty keep what is saved."""

    name: str
    language: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str]


@transaction.atomic
def save(channel: Channel, wanted: WantedChannel) -> Channel:
    """Make the channel or change it. Raises ``ChannelError``."""
    if Channel.objects.filter(name=wanted.name).exclude(pk=channel.pk).exists():
        raise ChannelError(_("There is a channel of this name already."), "name")
    channel.keep_secrets(_secrets(channel, wanted))
    channel.name, channel.language, channel.config = wanted.name, wanted.language, dict(wanted.config)
    # What the old settings led to says nothing of the new ones.
    channel.paused_until, channel.tested_at, channel.test_error = None, None, ""
    channel.save()
    return channel


def switch(channel: Channel) -> None:
    """Disable or enable; messages that wait go on waiting meanwhile."""
    Channel.objects.filter(pk=channel.pk).update(enabled=not channel.enabled, paused_until=None)


def reseal() -> int:
    """Seal every channel's secrets with the present SECRET_KEY. Returns how many cannot be read with any key."""
    lost = 0
    for pk in Channel.objects.values_list("pk", flat=True):
        with durable():
            channel = Channel.objects.select_for_update().get(pk=pk)
            try:
                channel.keep_secrets(channel.secrets)
            except sealed.Unreadable:
                lost += 1
                continue
            channel.save(update_fields=["sealed"])
    return lost


def saved_secrets(channel: Channel) -> dict[str, str]:
    """Those that can be read; none of a channel whose key is lost."""
    try:
        return channel.secrets
    except sealed.Unreadable:
        return {}


def _secrets(channel: Channel, wanted: WantedChannel) -> dict[str, str]:
    saved, typed = saved_secrets(channel), {name: text for name, text in wanted.secrets.items() if text}
    changed = _leads_elsewhere(channel, wanted, saved)
    for name in ("password", "authorization"):
        # Or whoever may change an address could have them sent to a place of his own.
        if changed and name in saved and name not in typed:
            raise ChannelError(_("Enter this again: it was for another address."), name)
    return {**saved, **typed}


def _leads_elsewhere(channel: Channel, wanted: WantedChannel, saved: Mapping[str, str]) -> bool:
    url = wanted.secrets.get("url")
    return bool(url and url != saved.get("url")) or any(
        channel.config.get(name) != wanted.config.get(name) for name in ("host", "port", "security", "user")
    )
