"""Reports that were made: the list, one as a page, and as the e-mail that was sent."""

from __future__ import annotations

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation

from diagnostics import reporting
from diagnostics.models import Report, Schedule
from diagnostics.views.access import Visitor, may

PAGE = 50
MOST_ID = 2**63 - 1
# What was sent by mail is looked at as a mail client shows it: styles in it, nothing else, not even our own scripts.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox", "allow-top-navigation-by-user-activation"],
}


def reports(request: Visitor) -> HttpResponse:
    listed = Report.objects.listed()
    chosen = request.GET.get("schedule", "")
    if chosen.isdecimal() and len(chosen) < 19:
        listed = listed.filter(schedule=int(chosen))
    context = {
        "section": "reports",
        "page": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "schedules": Schedule.objects.count(),
        "narrowed": chosen,
        "editable": may(request.user, "editor"),
    }
    return render(request, "reports/list.html", context)


def report(request: Visitor, pk: int) -> HttpResponse:
    """The page in the reader's language, whatever language it was sent in."""
    shown = get_object_or_404(Report.objects.select_related("schedule"), pk=min(pk, MOST_ID))
    content = reporting.content_of(shown)
    language = translation.get_language() or "en"
    if content and shown.language != language:
        content = reporting.reworded(content, language)
    context = {"section": "reports", "report": shown, "content": content}
    return render(request, "reports/page.html", context)


@csp_replace(MAIL_POLICY)  # type: ignore[arg-type]
def mail(request: Visitor, pk: int) -> HttpResponse:
    """What was sent by e-mail."""
    shown = get_object_or_404(Report, pk=min(pk, MOST_ID))
    if not shown.html:
        raise Http404
    return HttpResponse(shown.html)
