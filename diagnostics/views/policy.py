"""A service's baseline: what its launches are held against."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from diagnostics import tasks
from diagnostics.baselines import PolicyError, look_back, set_policy
from diagnostics.floors import floors
from diagnostics.forms.policy import PolicyForm, initial
from diagnostics.models import BaselinePolicy
from diagnostics.views.access import Visitor, may
from diagnostics.views.regressions import actor_of
from diagnostics.views.service import find_service


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: Visitor, name: str) -> HttpResponse:
    """The policy as a form; a POST saves it, or with ``look_back`` takes the new normal back."""
    service, _environments = find_service(request, name)
    own = BaselinePolicy.objects.select_related("begins_with").filter(service=service).first()
    own = own or BaselinePolicy(service=service)
    editable = may(request.user, "editor")
    form = PolicyForm(request.POST if _is_form(request) else None, initial=initial(own))
    if request.method == "POST":
        if not editable:
            raise PermissionDenied(
                _("This needs the role “%(role)s”. Ask an administrator for it.") % {"role": "editor"}
            )
        if _saved(request, own, form):
            place = urlencode({"environment": service.environment})
            return redirect(f"{reverse('policy', args=[service.name])}?{place}")
    context = {
        "section": "services",
        "service": service,
        "policy": own,
        "form": form,
        "editable": editable,
        "floors": floors(),
        "least": f"{floors().ratio * 100:g} %",
    }
    return render(request, "services/policy.html", context, status=400 if form.errors else 200)


def _is_form(request: Visitor) -> bool:
    return request.method == "POST" and "look_back" not in request.POST


def _saved(request: Visitor, own: BaselinePolicy, form: PolicyForm) -> bool:
    by = actor_of(request)
    if "look_back" in request.POST:
        look_back(own.service, by)
        messages.success(request, _("Launches of before count again."))
    elif form.is_valid():
        try:
            own = set_policy(own.service, form.wanted(), by)
        except PolicyError as error:
            form.add_error(error.where if error.where in form.fields else None, error.message)
            return False
        messages.success(request, _("Saved. The launches since are judged again."))
    else:
        return False
    if own.pk:
        tasks.judge_again(BaselinePolicy.objects.get(pk=own.pk))
    return True
