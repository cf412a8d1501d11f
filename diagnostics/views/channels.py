"""Settings › Channels: where people are told, and what of it did not arrive."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from diagnostics import delivery
from diagnostics.delivery import editing
from diagnostics.delivery.masking import shown_address
from diagnostics.forms.channels import FORMS
from diagnostics.models import Channel, Delivery
from diagnostics.views.access import Visitor, needs

SHOWN = 50
STATES = [*Delivery.State.values]


@needs("admin")
def channels(request: Visitor) -> HttpResponse:
    """Every channel, and the newest messages of ``?state=`` (dead ones first of all)."""
    counts = Delivery.objects.totals()
    state = request.GET.get("state", "")
    if state not in STATES:
        state = "dead" if counts["dead"] and state != "all" else ""
    rows = Delivery.objects.listed()
    context = {
        "section": "settings",
        "tab": "channels",
        "channels": [(one, where(one)) for one in Channel.objects.with_counts()],
        "kinds": Channel.Kind.choices,
        "state": state,
        "states": [(one, counts[one]) for one in STATES],
        "deliveries": rows.filter(state=state)[:SHOWN] if state else rows[:SHOWN],
        "shown": SHOWN,
    }
    return render(request, "settings/channels.html", context)


@needs("admin")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_channel(request: Visitor, kind: str) -> HttpResponse:
    if kind not in FORMS:
        raise Http404
    return _form(request, Channel(kind=kind))


@needs("admin")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_channel(request: Visitor, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(Channel, pk=pk))


@needs("admin")
@require_POST
def test_channel(request: Visitor, pk: int) -> HttpResponse:
    """Send a test message now, and say what came of it."""
    channel = get_object_or_404(Channel, pk=pk)
    outcome = delivery.send_test(channel, settings.SITE_URL or request.build_absolute_uri("/"), request.user.username)
    if outcome.arrived:
        messages.success(request, _("The test message went to “%(name)s”.") % {"name": channel.name})
    else:
        words = {"name": channel.name, "why": outcome.error}
        messages.error(request, _("The test message did not reach “%(name)s”: %(why)s") % words)
    return redirect(f"{reverse('channels')}#channels")


@needs("admin")
@require_POST
def switch_channel(request: Visitor, pk: int) -> HttpResponse:
    editing.switch(get_object_or_404(Channel, pk=pk))
    return redirect("channels")


@needs("admin")
@require_POST
def delete_channel(request: Visitor, pk: int) -> HttpResponse:
    channel = get_object_or_404(Channel, pk=pk)
    channel.delete()
    messages.success(request, _("The channel “%(name)s” is deleted.") % {"name": channel.name})
    return redirect("channels")


@needs("admin")
@require_POST
def try_again(request: Visitor, pk: int) -> HttpResponse:
    delivery.try_again(get_object_or_404(Delivery, pk=pk))
    messages.success(request, _("The message waits once more."))
    return redirect("channels")


@needs("admin")
@require_POST
def try_all_again(request: Visitor) -> HttpResponse:
    for one in Delivery.objects.filter(state="dead", sent_with=None).defer("message"):
        delivery.try_again(one)
    messages.success(request, _("The dead messages wait once more."))
    return redirect("channels")


def where(channel: Channel) -> str:
    """Where it leads, as far as everybody may know."""
    if channel.kind == Channel.Kind.EMAIL:
        return ", ".join(channel.config.get("recipients", []))
    url = editing.saved_secrets(channel).get("url")
    return shown_address(url) if url else _("its secrets cannot be read: enter them again")


def _form(request: Visitor, channel: Channel) -> HttpResponse:
    form = FORMS[channel.kind](request.POST or None, channel=channel)
    if request.method == "POST" and form.is_valid():
        try:
            editing.save(channel, form.wanted())
        except editing.ChannelError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, _("The channel “%(name)s” is saved. Test it now.") % {"name": channel.name})
            return redirect("channels")
    context: dict[str, Any] = {"section": "settings", "tab": "channels", "form": form, "channel": channel}
    return render(request, "settings/channel.html", context)
