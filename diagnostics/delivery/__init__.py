"""Telling people: an outbox in the database, and channels that carry what waits in it.

Who has something to say writes it with `enqueue` in the transaction in which it became true. Workers send it.
"""

from diagnostics.delivery.message import Attachment, Message, Section, Severity
from diagnostics.delivery.outbox import enqueue

__all__ = ["Attachment", "Message", "Section", "Severity", "enqueue"]
