"""What got slower as an Atom feed, for those who read it elsewhere than here."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.syndication.views import Feed
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from diagnostics.charts.duration import human, signed
from diagnostics.models import ApiToken, Regression
from diagnostics.querysets.regressions import RegressionQuerySet
from diagnostics.views.access import must_change_password

NEWEST = 50
FIELDS = {"service": "service__name", "environment": "service__environment", "state": "state"}
SCOPES = (ApiToken.Scope.READ, ApiToken.Scope.ADMIN)


if TYPE_CHECKING:
    RegressionsFeed = Feed[Regression, RegressionQuerySet]
else:
    RegressionsFeed = Feed  # generic to the type checker only


class RegressionFeed(RegressionsFeed):
    """The newest regressions of all states; ``service``, ``environment`` and ``state`` in the query narrow it."""

    feed_type = Atom1Feed
    title = "Launchscope: regressions"
    subtitle = "What got slower and stayed so"

    def get_object(self, request: HttpRequest) -> RegressionQuerySet:
        asked = {name: text for name, text in request.GET.items() if "\0" not in text}
        narrowed = {FIELDS[name]: text for name, text in asked.items() if name in FIELDS}
        visible: Q = getattr(request, "visible", Q())
        return Regression.objects.listed().filter(visible, **narrowed)

    def link(self, rows: RegressionQuerySet) -> str:
        return reverse("regressions")

    def feed_url(self, rows: RegressionQuerySet) -> str:
        return reverse("regressions_feed")  # as asked for, it may hold a token

    def items(self, rows: RegressionQuerySet) -> Iterable[Regression]:
        return rows[:NEWEST]

    def item_title(self, item: Regression) -> str:
        return f"{item.service}: {item.phase or 'total'} {signed(item.delta_ns)} ({item.ratio:.2f}×), {item.state}"

    def item_description(self, item: Regression) -> str:
        version = item.first_version or "no version"
        return f"{human(item.baseline_ns)} → {human(item.candidate_ns)} since {version}. {item.rule}."

    def item_link(self, item: Regression) -> str:
        return reverse("regression", args=[item.pk])

    def item_guid(self, item: Regression) -> str:
        return f"urn:launchscope:regression:{item.pk}"

    def item_pubdate(self, item: Regression) -> datetime:
        return item.opened_at

    def item_updateddate(self, item: Regression) -> datetime:
        return item.updated_at

    def item_categories(self, item: Regression) -> Iterable[str]:
        return (item.state, item.service.name)


@login_not_required
def feed(request: HttpRequest) -> HttpResponse:
    """For a signed-in browser, or a read token: as bearer, as password (Basic), or as ``?token=`` in the address."""
    clear = _clear(request)
    if clear:
        token = ApiToken.objects.recognise(clear)
        if token is None or token.revoked_at is not None or token.scope not in SCOPES:
            return _refusal()
        request.visible = Q(service__name__in=token.services) if token.services else Q()  # type: ignore[attr-defined]
    elif not isinstance(request.user, User):
        return redirect(f"{reverse('login')}?next={reverse('regressions_feed')}")
    elif must_change_password(request):
        return redirect("password_change")
    response = RegressionFeed()(request)
    response["Cache-Control"] = "private, max-age=60"
    return response


def _refusal() -> HttpResponse:
    text = "This feed needs a read token that is known here and not revoked.\n"
    response = HttpResponse(text, status=401, content_type="text/plain; charset=utf-8")
    response["WWW-Authenticate"] = 'Basic realm="Launchscope: any name, a read token as password"'
    return response


def _clear(request: HttpRequest) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2] or "-"
        except (binascii.Error, UnicodeDecodeError):
            return "-"  # which no token is
    return request.GET.get("token", "")
