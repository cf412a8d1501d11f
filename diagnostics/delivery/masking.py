"""Secrets stay out of whatever is written down or shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

MASK = "•••"
# What every address of a product has in it is nobody's secret, and errors speak of webhooks.
_PLAIN = {"webhook", "webhooks", "services", "workflows", "triggers", "manual", "invoke", "cgi-bin", "open-apis"}
_LEAST = 6  # shorter parts of an address (“v2”, “send”) tell nothing and stand in many texts


def masked(text: str, secrets: Mapping[str, str]) -> str:
    """The text without any secret, in whichever spelling: an error may quote an address whole, its path, or its key."""
    for part in sorted(_parts(secrets.values()), key=len, reverse=True):
        text = text.replace(part, MASK)
    return text


def shown_address(url: str) -> str:
    """Host and no more: in these addresses the path or the query is the key."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}/{MASK}"


def _parts(secrets: Iterable[str]) -> set[str]:
    told: set[str] = set()
    for secret in secrets:
        told |= {secret, *(part for part in secret.split() if len(part) >= _LEAST)}
        if "://" in secret:
            told |= _parts_of_address(secret)
    return {
        spelling for part in told if part for spelling in {part, quote(part, safe=""), quote_plus(part), quote(part)}
    }


def _parts_of_address(url: str) -> set[str]:
    parts = urlsplit(url)
    request = f"{parts.path}?{parts.query}" if parts.query else parts.path
    values = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    return {
        part
        for value in [request, *values]
        for part in {value, unquote(value)}
        if len(part) >= _LEAST and part not in _PLAIN
    }
