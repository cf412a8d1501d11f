"""Requests to addresses that people give: webhooks and monitors.

Whoever may name a URL must not reach through this server what only this machine reaches. A name is resolved once, every
address of it is checked, and the connection goes to exactly the checked one; a redirect begins anew. Time, size of the
answer and number of redirects are bounded. What goes wrong is an ``OutboundError``: one sentence, and a word for it.
"""

from diagnostics.outbound.addresses import Kind, OutboundError, Reason, kind_of
from diagnostics.outbound.asking import Answer, Limits, check, request
from diagnostics.outbound.dialling import connect
from diagnostics.outbound.network import Resolver, Timing, permitted

__all__ = [
    "Answer",
    "Kind",
    "Limits",
    "OutboundError",
    "Reason",
    "Resolver",
    "Timing",
    "check",
    "connect",
    "kind_of",
    "permitted",
    "request",
]
