"""Values that are encrypted at rest: what the database, its backups and its replicas hold tells nothing without
SECRET_KEY."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Ties the key to this use: the same SECRET_KEY signs sessions.
_PURPOSE = b"launchscope channel secrets 1"


class Unreadable(Exception):
    """Sealed with another SECRET_KEY than SECRET_KEY or one of SECRET_KEY_FALLBACKS."""


def seal(values: Mapping[str, str]) -> str:
    return _fernet().encrypt(json.dumps(dict(values)).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """Raises ``Unreadable``."""
    if not sealed:
        return {}
    try:
        return dict(json.loads(_fernet().decrypt(sealed.encode())))
    except InvalidToken:
        raise Unreadable from None


def _fernet() -> MultiFernet:
    """Seals with the first key and reads with any: that is how a key is changed."""
    return MultiFernet([_key(text) for text in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
