"""Telling people: an outbox in the database, and channels that carry what waits in it.

Who has something to say writes it with `enqueue` in the transaction in which it became true. Workers `deliver` it.
"""

from diagnostics.delivery.claiming import seconds_to_next
from diagnostics.delivery.kinds import KINDS, Outcome
from diagnostics.delivery.message import Attachment, Message, Section, Severity
from diagnostics.delivery.outbox import enqueue
from diagnostics.delivery.pruning import prune
from diagnostics.delivery.sending import deliver, try_again
from diagnostics.delivery.testing import send_test

__all__ = [
    "KINDS",
    "Attachment",
    "Message",
    "Outcome",
    "Section",
    "Severity",
    "deliver",
    "enqueue",
    "prune",
    "seconds_to_next",
    "send_test",
    "try_again",
]
