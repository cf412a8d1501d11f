"""Adding a user, and giving one another role."""

from __future__ import annotations

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from diagnostics.forms.kit import KitForm

ROLES = [
    ("viewer", _("Viewer: reads everything")),
    ("editor", _("Editor: also triages regressions and makes ingest and read tokens")),
    ("admin", _("Admin: also manages users and every token")),
]


class RoleForm(KitForm, forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)


class NewUserForm(KitForm, forms.Form):
    username = forms.CharField(label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()])
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("There is a user of this name already. Choose another, or enable that one."))
        return name
