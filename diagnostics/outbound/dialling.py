"""A plain connection, for protocols other than HTTP."""

from __future__ import annotations

import socket

from django.conf import settings

from diagnostics.outbound.addresses import Allowed
from diagnostics.outbound.network import Deadline, PinnedBackend, Resolver, Timing, system_resolver


def connect(host: str, port: int, seconds: float, resolve: Resolver = system_resolver) -> socket.socket:
    """Connected to an address of the host that was checked; every operation then may take ``seconds``. Raises
    ``OutboundError``."""
    backend = PinnedBackend(resolve, Allowed.read(settings.OUTBOUND_ALLOW), Deadline(seconds), Timing())
    sock = backend.dial(host, port)
    sock.settimeout(seconds)
    return sock
