"""The least effect worth a flag, as this installation sets it."""

from __future__ import annotations

from django.conf import settings

from diagnostics.records import Floors


def floors() -> Floors:
    return Floors(ratio=settings.FLOOR_RATIO, duration=settings.FLOOR_NS)
