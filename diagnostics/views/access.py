"""Who may see and do what. That every page needs a login is the middleware's; roles and first passwords are here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from diagnostics.models import UserProfile
from diagnostics.roles import ROLES, may, role_of

__all__ = ["ROLES", "Visitor", "may", "must_change_password", "needs", "page", "role_of"]

View = Callable[..., HttpResponseBase]


class Visitor(HttpRequest):
    """A request behind ``page``: its user is known."""

    user: User
    htmx: HtmxDetails


def must_change_password(request: HttpRequest) -> bool:
    """Whether the visitor still has the password that somebody else made."""
    return UserProfile.objects.filter(user_id=request.user.pk or 0, must_change_password=True).exists()


def page(view: View) -> View:
    """A page for people: first a password of one's own, then the page."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if must_change_password(request):
            return redirect("password_change")
        response = view(request, *args, **kwargs)
        # One address answers with a page or a part of it; a cache must not mix them up.
        patch_vary_headers(response, ["HX-Request"])
        return response

    return checked


def needs(role: str) -> Callable[[View], View]:
    """Refuses with a sentence when the visitor's role is weaker than ``role``."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: Visitor, *args: object, **kwargs: object) -> HttpResponseBase:
            if not may(request.user, role):
                raise PermissionDenied(
                    _("This needs the role “%(role)s”. Ask an administrator for it.") % {"role": role}
                )
            return view(request, *args, **kwargs)

        return checked

    return decorate
