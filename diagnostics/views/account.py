"""Logging in and changing one's own password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from diagnostics.forms.kit import LoginForm, OwnPasswordForm
from diagnostics.models import UserProfile
from diagnostics.views.access import must_change_password


class Login(LoginView):
    authentication_form = LoginForm
    redirect_authenticated_user = True


class PasswordChange(PasswordChangeView):
    form_class = OwnPasswordForm
    success_url = reverse_lazy("services")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"forced": must_change_password(self.request), **super().get_context_data(**kwargs)}

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:  # type: ignore[override]
        response = super().form_valid(form)
        UserProfile.objects.filter(user_id=self.request.user.pk or 0).update(must_change_password=False)
        messages.success(self.request, _("Your password is changed."))
        return response
