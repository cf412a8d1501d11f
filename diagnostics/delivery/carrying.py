"""One piece on its way: through Apprise, and what came of it, without secrets."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from diagnostics.delivery.apprise_plugin import through_apprise
from diagnostics.delivery.kinds import KINDS, Kind, Outcome, Place
from diagnostics.delivery.masking import masked
from diagnostics.delivery.message import Message
from diagnostics.delivery.splitting import shortened
from diagnostics.models import Channel, sealed

MOST_ERROR = 400
logger = logging.getLogger(__name__)


class Carriage:
    """A message worded for a channel, piece by piece. ``pieces`` is empty when there is no wording it: ``failure``."""

    def __init__(self, channel: Channel, message: Message, key: str) -> None:
        self._kind: Kind = KINDS[channel.kind]
        self._message = message
        self._key = key
        self.failure: Outcome | None = None
        self.pieces: Sequence[Any] = ()
        try:
            self._place = Place(message.language or channel.language, channel.config, channel.secrets)
            self.pieces = self._kind.pieces(message, self._place)
        except sealed.Unreadable:
            self.failure = Outcome(arrived=False, again=False, error=unreadable())
        except Exception as error:
            # Whatever is odd about one message must not keep the others from their readers.
            logger.error("A message for channel %s cannot be worded: %s", channel.pk, type(error).__name__)
            words = {"why": type(error).__name__}
            self.failure = Outcome(
                arrived=False, again=False, error=_("It could not be put into words: %(why)s") % words
            )

    def carry(self, number: int) -> Outcome:
        """Send the piece of this number, from 0."""
        if self.failure:
            return self.failure
        key = self._key if not number else f"{self._key}.{number}"
        carrier = self._kind.carrier(self._place, self.pieces[number], key)
        outcome = through_apprise(carrier, self._message)
        return replace(outcome, error=shortened(masked(outcome.error, self._place.secrets), MOST_ERROR))


def unreadable() -> str:
    return _("The channel's secrets were encrypted with another SECRET_KEY: enter them again.")
