"""Settings › Tokens: what programs upload and read with."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from diagnostics.forms.tokens import NewTokenForm
from diagnostics.models import ApiToken
from diagnostics.views.access import Visitor, may, needs

MAY_ISSUE = {"editor": ["ingest", "read"], "admin": ["ingest", "read", "admin"]}


def _may_issue(request: Visitor) -> list[str]:
    return MAY_ISSUE["admin" if may(request.user, "admin") else "editor"]


@needs("editor")
@never_cache
def tokens(request: Visitor) -> HttpResponse:
    """The list; a POST makes a token and shows its clear text in this one answer, which nothing may cache."""
    may_issue = _may_issue(request)
    form = NewTokenForm(request.POST or None, may_issue=may_issue)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        token, clear = ApiToken.objects.issue(**form.cleaned_data, created_by=request.user)
        context = {"new": token, "clear": clear}
        form = NewTokenForm(may_issue=may_issue)
    listed = ApiToken.objects.select_related("created_by").order_by(
        F("revoked_at").desc(nulls_first=True), "-created_at"
    )
    return render(
        request,
        "settings/tokens.html",
        {"section": "settings", "tab": "tokens", "form": form, "tokens": listed, "may_issue": may_issue, **context},
    )


@needs("editor")
@require_POST
def revoke_token(request: Visitor, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk)
    if token.scope not in _may_issue(request):
        raise PermissionDenied(_("An admin token is revoked by an administrator."))
    ApiToken.objects.filter(pk=pk, revoked_at=None).update(revoked_at=Now())
    messages.success(request, _("The token “%(name)s” is revoked; it stops working at once.") % {"name": token.name})
    return redirect("tokens")
