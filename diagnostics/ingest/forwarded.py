"""Launches that other servers forwarded: which have had them, so that none comes back to one that sent it on.

A forwarded launch's resource names every server on its way; spans that name this one are not taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import msgspec

from diagnostics.ingest.trace_parts import pieces_of
from diagnostics.models import ForwardCount
from diagnostics.parsers.otlp import Group, Received
from diagnostics.records import ParseError

FORWARDED_BY = "launchscope.forwarded_by"
CAME_BACK = "These spans were forwarded from here and came back: two servers forward to each other"


def own_name() -> str:
    """What this server is known by to those that it forwards to."""
    return str(ForwardCount.objects.get_or_create(pk=1)[0].instance)


def forwarders_of(launch_id: UUID) -> list[str]:
    """The servers that a launch's spans came through, each once."""
    groups = [group for piece in pieces_of(launch_id) for group in piece.groups]
    return list(dict.fromkeys(name for group in groups for name in _names(group)))


def without_own(received: Received) -> Received:
    """What did not come back from where it was forwarded to. Raises ``ParseError`` when all of it did."""
    if not any(FORWARDED_BY in group.resource for group in received.groups):
        return received
    own = own_name()
    groups = [group for group in received.groups if own not in _names(group)]
    kept = msgspec.structs.replace(received, groups=groups)
    if not kept.count:
        raise ParseError(CAME_BACK, "", "forwarding_loop")
    lost = received.count - kept.count
    return msgspec.structs.replace(
        kept, rejected=kept.rejected + lost, reason=kept.reason or (CAME_BACK if lost else "")
    )


def _names(group: Group) -> Iterator[str]:
    told = group.resource.get(FORWARDED_BY)
    return (str(name) for name in (told if isinstance(told, list) else [told] if told else []))
