"""Settings from the process environment, each with its type; a bad value is one sentence that names the variable."""

from __future__ import annotations

import json
import os
import re
import socket
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
_HOST = re.compile(r"[A-Za-z0-9*_](?:[A-Za-z0-9*_.-]{0,252})")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def integer(name: str, default: int, least: int = 0) -> int:
    value = text(name, str(default))
    try:
        number = int(value.replace("_", ""))
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}: give a whole number, e.g. {default}.") from None
    if number < least:
        raise ImproperlyConfigured(f"{name} is {number}: it must be at least {least}.")
    return number


def decimal(name: str, default: float) -> float:
    value = text(name, str(default))
    try:
        number = float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}: give a number, e.g. {default}.") from None
    # A comparison rather than a sign test, so that "nan" is refused too.
    if not 0 <= number < float("inf"):
        raise ImproperlyConfigured(f"{name} is {value}: it must be a number of 0 or more.")
    return number


def choice(name: str, choices: list[str]) -> str:
    """One of a few words, the first of them by default."""
    value = text(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}: give one of {', '.join(choices)}.")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}: give 1 or 0.")
    return value.strip().lower() in _TRUE


def listed(name: str, default: list[str]) -> list[str]:
    """Items separated by commas; the default when the variable is unset or empty."""
    return [item.strip() for item in text(name).split(",") if item.strip()] or default


def places(name: str) -> list[str]:
    """Networks, addresses, host names and names with ``*``, separated by commas."""
    items = listed(name, [])
    for item in items:
        try:
            ip_network(item.strip("[]"), strict=False)
        except ValueError:
            if not _HOST.fullmatch(item) or not re.search("[a-z]", item, re.IGNORECASE):
                example = "10.0.0.0/8, 192.168.1.7 or *.svc.cluster.local"
                raise ImproperlyConfigured(f"{name} holds {item!r}: give networks or host names, {example}.") from None
    return items


def networks(name: str) -> list[str]:
    """Networks and addresses, separated by commas."""
    items = listed(name, [])
    for item in items:
        try:
            ip_network(item, strict=False)
        except ValueError:
            raise ImproperlyConfigured(f"{name} holds {item!r}: give networks, e.g. 10.0.0.0/8, 127.0.0.1.") from None
    return items


def endpoint(name: str) -> str:
    """Another server's URL, or ``""``: not this one's, which would send to itself for ever."""
    value = text(name)
    if not value:
        return ""
    example = "give a URL such as http://collector:4318"
    try:
        parts = urlsplit(value)
        told = parts.scheme in {"http", "https"} and parts.hostname and _place(value)
    except ValueError:
        told = None
    if not told:
        raise ImproperlyConfigured(f"{name} is {value!r}: {example}.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} holds more than an address: {example}, and keys in FORWARD_OTLP_HEADERS.")
    if told in own_places():
        raise ImproperlyConfigured(
            f"{name} is {value}, this very server: launches would go round for ever. Name another."
        )
    return value


def own_places() -> set[tuple[str, int]]:
    """Host and port of every address that is known to be this server's."""
    ports = {integer(name, port) for name, port in (("PORT", 8000), ("OTLP_PORT", 0))}
    bound = text("BIND", "127.0.0.1").strip("[]").lower()
    hosts = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::", bound, socket.gethostname().lower()}  # noqa: S104
    site = {_place(text("SITE_URL"))} if urlsplit(text("SITE_URL")).hostname else set()
    return {(host, port) for host in hosts for port in ports} | site


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def home() -> Path:
    """LAUNCHSCOPE_HOME: where the database, the queue, the logs and the keys of an embedded instance live."""
    return Path(text("LAUNCHSCOPE_HOME", str(ROOT / "var"))).expanduser().resolve()


def address(name: str, server: str) -> str:
    """The server's URL: from the environment, else that of the embedded one that `make up` started in this home."""
    if text(name):
        return text(name)
    try:
        return str(json.loads((home() / "run" / "addresses.json").read_text())[server])
    except (OSError, ValueError, KeyError):
        # Settings must load without servers (makemigrations, mypy, collectstatic): this address fails when it is used.
        socket_dir = home() / "run"
        return f"postgresql:///launchscope?host={socket_dir}" if server == "database" else f"unix://{socket_dir}/none"


def secret_key() -> str:
    """SECRET_KEY, else the key `make up` made in the home, else nothing: `require_secret_key` refuses to serve then."""
    if text("SECRET_KEY"):
        return text("SECRET_KEY")
    try:
        return (home() / "secret_key").read_text().strip()
    except OSError:
        return ""


def require_secret_key() -> None:
    """Called where a server starts, so that commands which sign nothing run without a key."""
    if len(secret_key()) < 32:
        raise SystemExit(
            "SECRET_KEY is missing or shorter than 32 characters: set it to a long random text, or use `make up`."
        )


def database(url: str) -> dict[str, Any]:
    """Django's entry for ``postgresql://user:password@host:port/name?option=…``; a socket is ``?host=/directory``."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql:// (Launchscope supports PostgreSQL only).")
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL has a port that is not a number between 0 and 65535.") from None
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "launchscope",
        "USER": unquote(parts.username or "") or options.pop("user", ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(port or options.pop("port", "")),
        "OPTIONS": options,
    }
