"""Parts of pages that ask again until their launch is parsed, ever more slowly, and at last no more."""

from __future__ import annotations

from django.http import HttpRequest


def asked_before(request: HttpRequest) -> int:
    """How often this part has asked, this time included; the first drawing of a page counts as the first."""
    text = request.GET.get("asked", "")
    return int(text) + 1 if text.isascii() and text.isdecimal() and len(text) < 4 else 1
