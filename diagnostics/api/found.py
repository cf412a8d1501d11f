"""Rows that an endpoint's path names, as far as the caller may see them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from diagnostics.api.auth import access_of
from diagnostics.api.errors import ApiError
from diagnostics.api.shapes import phase_id
from diagnostics.models import Artifact, Launch, PhaseRecord


def find_launch(request: HttpRequest, launch_id: UUID) -> Launch:
    """The launch with its artifact ids; raises 404 for one that is not there or not for this caller."""
    visible = Launch.objects.filter(access_of(request).visible()).with_artifact_ids()
    return get_object_or_404(visible.select_related("service", "host").defer("gaps"), pk=launch_id)


def find_parsed(request: HttpRequest, launch_id: UUID) -> Launch:
    """As ``find_launch``; raises ``ApiError`` 409 for a launch of which nothing has been read yet."""
    launch = find_launch(request, launch_id)
    if launch.state == Launch.State.RECEIVED:
        raise ApiError(409, "not_parsed", "Nothing of this launch has been read yet; ask again in a moment", "launch")
    return launch


def find_artifact(request: HttpRequest, artifact_id: UUID) -> Artifact:
    """The artifact; raises 404 for one that is not there or not for this caller."""
    visible = Artifact.objects.for_followers(access_of(request).services).select_related("host", "launch__service")
    return get_object_or_404(visible, pk=artifact_id)


def id_of_positions(launch: Launch, rows: Sequence[PhaseRecord]) -> dict[int, str]:
    """The ids of all phases that these rows refer to, in at most one more query."""
    ids = {row.position: phase_id(row.position, row.sender_id) for row in rows}
    referred = {position for row in rows for position in (row.parent, *(row.depends_on or ())) if position is not None}
    if elsewhere := referred - ids.keys():
        named = PhaseRecord.objects.filter(launch=launch, position__in=elsewhere).values_list("position", "sender_id")
        ids |= {position: phase_id(position, sender_id) for position, sender_id in named}
    return ids
