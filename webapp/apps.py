"""Makes the task queue known to every Django process, so that a task sent from the web goes to Launchscope's broker."""

from __future__ import annotations

from django.apps import AppConfig


class WebappConfig(AppConfig):
    name = "webapp"

    def ready(self) -> None:
        from webapp import celery  # noqa: F401  (importing it makes it the default app)
