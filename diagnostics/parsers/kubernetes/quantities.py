"""Kubernetes quantities (``100m``, ``50Mi``, ``1.5``, ``2e3``) in base units: cores, bytes, pieces."""

from __future__ import annotations

import re

_QUANTITY = re.compile(r"([+-]?\d{1,30}(?:\.\d{0,30})?)(?:[eE]([+-]?\d{1,2}))?([numkKMGTPE]?i?)")
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
_FACTORS: dict[str, float] = {**_DECIMAL, "E": 1e18, **_BINARY}


def quantity(value: object) -> float | None:
    """The number a quantity stands for, or ``None`` if it is none."""
    match = _QUANTITY.fullmatch(str(value).strip())
    if match is None or match[3] not in _FACTORS:
        return None
    number = float(match[1]) * 10 ** int(match[2] or 0) * _FACTORS[match[3]]
    return int(number) if number == int(number) else round(number, 12)
