"""Which launches a file of evidence tells of, so that they are judged again."""

from __future__ import annotations

import uuid

from django.conf import settings

from diagnostics.models import Artifact, Launch


def reopen(artifact: Artifact) -> None:
    """Mark the launches that this file joins by its host as not judged; must run in the transaction that stores it.

    They are told by their state, so that a lost queue forgets none: the sweep looks for it.
    """
    joined = list(Launch.objects.joined_by(artifact)[: settings.EVIDENCE_LAUNCHES].values_list("pk", flat=True))
    # In one order everywhere: two files of a host that are parsed at once would else wait for each other for ever.
    judged = Launch.objects.filter(pk__in=joined, state=Launch.State.JUDGED).order_by("pk")
    locked = list(judged.select_for_update(of=("self",)).values_list("pk", flat=True))
    Launch.objects.filter(pk__in=locked).update(state=Launch.State.PARSED)


def joined(artifact_id: uuid.UUID) -> list[uuid.UUID]:
    """Launches that a parsed file joins by its host and that wait to be judged again, newest first."""
    artifact = Artifact.objects.filter(pk=artifact_id, state=Artifact.State.PARSED, launch=None).first()
    if artifact is None:
        return []
    found = Launch.objects.joined_by(artifact).filter(state=Launch.State.PARSED)
    return list(found[: settings.EVIDENCE_LAUNCHES].values_list("pk", flat=True))
