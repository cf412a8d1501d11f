"""Settings › Users: who may log in, and as what. Passwords are made here, shown once, and changed at first login."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from diagnostics.forms.people import ROLES as ROLE_CHOICES
from diagnostics.forms.people import NewUserForm, RoleForm
from diagnostics.models import UserProfile
from diagnostics.views.access import ROLES, Visitor, needs


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    role: str


@needs("admin")
@never_cache
def people(request: Visitor) -> HttpResponse:
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, password = _add(form.cleaned_data["username"], form.cleaned_data["role"])
        return _page(request, NewUserForm(), shown_to=user, password=password)
    return _page(request, form)


@needs("admin")
@require_POST
def change_role(request: Visitor, pk: int) -> HttpResponse:
    form = RoleForm(request.POST)
    user = get_object_or_404(User, pk=pk)
    if form.is_valid():
        role = form.cleaned_data["role"]
        with transaction.atomic():
            if role == "admin" or _can_spare(request, user):
                _give(user, role)
                messages.success(request, _("%(user)s is now %(role)s.") % {"user": user.username, "role": role})
    return redirect("users")


@needs("admin")
@require_POST
def switch_user(request: Visitor, pk: int) -> HttpResponse:
    """Disable or enable: a disabled user cannot log in, and open sessions end."""
    user = get_object_or_404(User, pk=pk)
    with transaction.atomic():
        if not user.is_active or _can_spare(request, user):
            User.objects.filter(pk=pk).update(is_active=not user.is_active)
    return redirect("users")


@needs("admin")
@require_POST
@never_cache
def new_password(request: Visitor, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    return _page(request, NewUserForm(), shown_to=user, password=_set_password(user))


def _page(request: Visitor, form: NewUserForm, **more: Any) -> HttpResponse:
    context = {"section": "settings", "tab": "users", "form": form, "people": _everyone(), "roles": ROLE_CHOICES}
    return render(request, "settings/users.html", context | more)


def _can_spare(request: Visitor, user: User) -> bool:
    """Whether an administrator is left without this user; says so if not. The rows stay locked to the transaction's
    end, or two administrators could remove each other at once."""
    admins = User.objects.filter(Q(is_superuser=True) | Q(groups__name="admin"), is_active=True).values("pk")
    locked = set(User.objects.select_for_update().filter(pk__in=admins).values_list("pk", flat=True))
    if locked != {user.pk}:
        return True
    sentence = _("%(user)s is the last active administrator. Make another one first.") % {"user": user.username}
    messages.error(request, sentence)
    return False


def _everyone() -> list[Person]:
    groups = Prefetch("groups", Group.objects.filter(name__in=ROLES), to_attr="roles")
    users = User.objects.prefetch_related(groups).order_by("-is_active", "username")
    return [Person(user, "admin" if user.is_superuser else _strongest(user)) for user in users]


def _strongest(user: User) -> str:
    names = {group.name for group in user.roles}  # type: ignore[attr-defined]
    return next((role for role in reversed(ROLES) if role in names), "viewer")


@transaction.atomic
def _add(username: str, role: str) -> tuple[User, str]:
    user = User.objects.create_user(username)
    _give(user, role)
    return user, _set_password(user)


def _give(user: User, role: str) -> None:
    """A role is one group; an administrator made by the installer is a superuser, which the role then replaces."""
    user.groups.remove(*Group.objects.filter(name__in=ROLES))
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    if user.is_superuser and role != "admin":
        User.objects.filter(pk=user.pk).update(is_superuser=False, is_staff=False)


def _set_password(user: User) -> str:
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    UserProfile.objects.update_or_create(user=user, defaults={"must_change_password": True})
    return password
