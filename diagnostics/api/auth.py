"""Who is asking: a bearer token with a scope, or a signed-in browser that reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from diagnostics.api.errors import ApiError
from diagnostics.models import ApiToken
from diagnostics.roles import may
from diagnostics.triage import Actor

Scope = ApiToken.Scope


@dataclass(frozen=True, slots=True)
class Access:
    """What this caller may see and send; no services means all of them."""

    services: tuple[str, ...] = ()
    name: str = ""  # of the token or the person, for what is written down

    def visible(self, prefix: str = "service__") -> Q:
        """A filter for rows whose service hangs at ``prefix``."""
        return Q(**{f"{prefix}name__in": self.services}) if self.services else Q()


class TokenAuth(HttpBearer):
    """A token of one of these scopes; an admin token may do everything."""

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = {*scopes, Scope.ADMIN}

    def authenticate(self, request: HttpRequest, token: str) -> Access:
        known = ApiToken.objects.recognise(token)
        if known is None:
            raise ApiError(401, "unknown_token", "This token is not known here", "Authorization")
        if known.revoked_at is not None:
            raise ApiError(401, "revoked_token", "This token was revoked", "Authorization")
        if known.scope not in self.scopes:
            needed = " or ".join(sorted(self.scopes))
            raise ApiError(
                403, "wrong_scope", f"This token has scope “{known.scope}”; here “{needed}” is needed", "Authorization"
            )
        return Access(tuple(known.services), f"token {known.name}")


class BrowserAuth(APIKeyCookie):
    """A signed-in person; Django's session decides, and only reading is offered."""

    param_name = "sessionid"
    openapi_name = "session"

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Access | None:
        return Access() if request.user.is_authenticated else None


class EditorAuth(APIKeyCookie):
    """A signed-in person who may decide; a decision from another site's page is refused (CSRF)."""

    param_name = "sessionid"
    openapi_name = "session"

    def authenticate(self, request: HttpRequest, key: str | None) -> Access | None:
        if not isinstance(request.user, User):
            return None
        if not may(request.user, "editor"):
            raise ApiError(403, "wrong_role", "This needs the role “editor”; ask an administrator for it", "session")
        return Access(name=request.user.get_username())


SEND = TokenAuth(Scope.INGEST)
READ: list[Any] = [TokenAuth(Scope.READ), BrowserAuth()]
# What changes decisions and settings: an admin token, or a person with the role.
DECIDE: list[Any] = [TokenAuth(), EditorAuth()]
# A sender may follow what became of its own upload.
FOLLOW: list[Any] = [TokenAuth(Scope.READ, Scope.INGEST), BrowserAuth()]


def actor_of(request: HttpRequest) -> Actor:
    """Who decides, as the history tells it."""
    user = request.user if isinstance(request.user, User) else None
    return Actor(access_of(request).name, user)


def access_of(request: HttpRequest) -> Access:
    """What the authentication of this request allowed."""
    access: Access = request.auth  # type: ignore[attr-defined]  # set by ninja
    return access
