"""The Django app: phase records, their evidence and what is made of them."""

from django.apps import AppConfig


class DiagnosticsConfig(AppConfig):
    name = "diagnostics"
    verbose_name = "Launch diagnostics"
