"""The Django app: phase records, their evidence and what is made of them."""

from django.apps import AppConfig
from django.urls import register_converter
from django.urls.converters import StringConverter


class AnyName(StringConverter):
    """What senders name may hold any character: slashes, which ``str`` ends at, and newlines, which ``path`` does."""

    regex = r"[\s\S]+"


class DiagnosticsConfig(AppConfig):
    name = "diagnostics"
    verbose_name = "Launch diagnostics"

    def ready(self) -> None:
        register_converter(AnyName, "any")
