"""Issuing and recognising API tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

if TYPE_CHECKING:
    from diagnostics.models.access import ApiToken

# ``last_used_at`` is for people; writing it on every request would make each upload an update of a hot row.
LAST_USED_PRECISION = timedelta(minutes=1)


def digest(clear: str) -> str:
    return hashlib.sha256(clear.encode()).hexdigest()


class ApiTokenManager(models.Manager["ApiToken"]):
    def issue(
        self, *, name: str, scope: str, services: Sequence[str] = (), created_by: Any = None
    ) -> tuple[ApiToken, str]:
        """Make a token and return it with its clear text, which cannot be had again."""
        clear = self.model.PREFIXES[self.model.Scope(scope)] + secrets.token_urlsafe(32)
        token = self.create(
            name=name,
            scope=scope,
            start=clear[:12],
            digest=digest(clear),
            services=list(services),
            created_by=created_by,
        )
        return token, clear

    def recognise(self, clear: str) -> ApiToken | None:
        """The token with this clear text, revoked or not; notes its use."""
        token = self.filter(digest=digest(clear)).first()
        if token and token.revoked_at is None:
            stale = Q(last_used_at=None) | Q(last_used_at__lt=Now() - LAST_USED_PRECISION)
            if token.last_used_at is None or self._is_stale(token):
                self.filter(stale, pk=token.pk).update(last_used_at=Now())
        return token

    @staticmethod
    def _is_stale(token: ApiToken) -> bool:
        from django.utils import timezone

        return token.last_used_at is not None and timezone.now() - token.last_used_at > LAST_USED_PRECISION
