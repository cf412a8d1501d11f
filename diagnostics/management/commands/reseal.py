"""``reseal``: what is encrypted in the database, encrypted anew with the present SECRET_KEY."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from diagnostics.delivery.editing import reseal
from diagnostics.models import Monitor
from diagnostics.models.sealed import Unreadable, seal, unseal


class Command(BaseCommand):
    help = "Encrypt the secrets of channels and monitors anew with the present SECRET_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        lost = reseal() + _reseal_monitors()
        if lost:
            raise CommandError(
                f"{lost} could not be read with SECRET_KEY nor any of SECRET_KEY_FALLBACKS: enter them again."
            )
        self.stdout.write("Everything is encrypted with the present SECRET_KEY.")


def _reseal_monitors() -> int:
    lost = 0
    for monitor in Monitor.objects.exclude(sealed_headers=""):
        try:
            anew = seal(unseal(monitor.sealed_headers))
        except Unreadable:
            lost += 1
            continue
        # One that was changed in between is sealed anew already.
        Monitor.objects.filter(pk=monitor.pk, sealed_headers=monitor.sealed_headers).update(sealed_headers=anew)
    return lost
