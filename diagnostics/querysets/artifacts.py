"""Questions asked of artifacts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

if TYPE_CHECKING:
    from diagnostics.models.artifact import Artifact


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    def left_behind(self, older_than: timedelta) -> models.QuerySet[Artifact, UUID]:
        """Ids of artifacts that were accepted and never parsed, oldest first: what a lost queue forgot."""
        waiting = self.filter(state="received", received_at__lt=Now() - older_than)
        return waiting.order_by("received_at").values_list("id", flat=True)
