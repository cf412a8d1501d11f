"""Numbers as traces write them, to integer nanoseconds: exactly, for a float of 64 bits does not hold microseconds of
today with three decimals."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

MICROSECOND = 1_000
LARGEST = 2**62  # ns; what lies beyond is no time


class Written(str):
    """A number with decimals or an exponent, as it stands in the file."""

    __slots__ = ()


def exact_decoder() -> json.JSONDecoder:
    """Reads JSON with every number that is not an integer kept as ``Written``; NaN and infinities become ``None``."""
    return json.JSONDecoder(strict=False, parse_float=Written, parse_constant=lambda _: None)


def nanoseconds(value: object, unit: int = MICROSECOND) -> int | None:
    """``value`` units of ``unit`` ns, to the nearest ns; text is read as a number. ``None`` for what is no time."""
    if type(value) is int:
        found = value * unit
    else:
        exact = decimal(value)
        if exact is None:
            return None
        found = whole(exact * unit)
    return found if -LARGEST < found < LARGEST else None


def decimal(value: object) -> Decimal | None:
    """The number exactly, ``None`` for what is none, or one of absurd size."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or len(str(value)) > 60:
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and found.adjusted() < 25 else None


def whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))


def plain(value: Any) -> Any:
    """A decoded value with its ``Written`` numbers as floats, as they are shown and stored."""
    if isinstance(value, Written):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value
