"""What a person may do, by group: a viewer reads, an editor also decides, an admin also manages people and tokens."""

from __future__ import annotations

from django.contrib.auth.models import User

ROLES = ("viewer", "editor", "admin")  # each may do what the ones before it may


def role_of(user: User) -> str:
    """The strongest role of this user. No group is a viewer; a superuser is an admin."""
    if user.is_superuser:
        return "admin"
    names = set(user.groups.values_list("name", flat=True))
    return next((role for role in reversed(ROLES) if role in names), "viewer")


def may(user: User, role: str) -> bool:
    return ROLES.index(role_of(user)) >= ROLES.index(role)
