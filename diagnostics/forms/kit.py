"""Makes Django's fields look like the kit's, and ties each hint and error to its field for screen readers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm


class KitForm:
    """Mixed in before a Django form: every widget gets the class the kit styles it by."""

    fields: dict[str, forms.Field]
    label_suffix: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = _css_class(field.widget)


class LoginForm(KitForm, AuthenticationForm):
    """Django's own, in the kit's clothes."""


class OwnPasswordForm(KitForm, PasswordChangeForm):
    """Django's own, in the kit's clothes."""


def _css_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect | forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
