"""Who may do what: API tokens, and what Django's User lacks."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from diagnostics.querysets.tokens import ApiTokenManager


class ApiToken(models.Model):
    """A bearer token. The clear text is shown once; only its SHA-256 is stored: 256 random bits need no salt."""

    class Scope(models.TextChoices):
        INGEST = "ingest"
        READ = "read"
        ADMIN = "admin"

    PREFIXES = {Scope.INGEST: "lsi_", Scope.READ: "lsr_", Scope.ADMIN: "lsa_"}

    name = models.TextField()
    scope = models.TextField(choices=Scope.choices)
    start = models.CharField(max_length=12)  # prefix and eight characters, to recognise a token by
    digest = models.CharField(max_length=64, unique=True)
    services = ArrayField(models.TextField(), default=list, blank=True)  # empty: all; by name, so one may come later
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenManager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    def allows_service(self, name: str) -> bool:
        return not self.services or name in self.services


class UserProfile(models.Model):
    """What Launchscope keeps of a user beside Django's own record."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    must_change_password = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.user)
