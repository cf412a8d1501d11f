"""Durations, shares and time axes as a person reads them; the one place that turns nanoseconds into words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from diagnostics.records import NS_PER_SECOND

MICROSECOND, MILLISECOND, SECOND = 1_000, 1_000_000, NS_PER_SECOND
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
TENTH = SECOND // 10
MINUS = "−"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Steps a clock reader expects above a second; below it, decimal ones.
_CLOCK_STEPS = tuple(
    step * unit
    for unit, steps in ((SECOND, (1, 2, 5, 10, 15, 30)), (MINUTE, (1, 2, 5, 10, 15, 30)), (HOUR, (1, 2, 3, 6, 12)))
    for step in steps
)


def human(duration: int) -> str:
    """Nanoseconds as text: ``"2 m 41.3 s"``, ``"57.7 s"``, ``"12.3 ms"``, ``"850 µs"``, ``"0"``; a true minus sign."""
    if duration < 0:
        return MINUS + human(-duration)
    if duration < MICROSECOND:
        return f"{duration} ns" if duration else "0"
    # The limits are where rounding would print 1000 of the smaller unit.
    if duration < 999_500:
        return f"{_three_digits(duration, MICROSECOND)} µs"
    if duration < 999_500_000:
        return f"{_three_digits(duration, MILLISECOND)} ms"
    if duration < 9_995_000_000:
        return f"{_at_least_one_decimal(_three_digits(duration, SECOND))} s"
    tenths = _rounded(duration, TENTH)
    if tenths < 600:
        return f"{tenths / 10:.1f} s"
    if tenths < 36_000:
        return f"{tenths // 600} m {tenths % 600 / 10:.1f} s"
    return _hours_and_up(duration)


def signed(duration: int) -> str:
    """A difference: ``"+39.5 s"``, ``"−1.2 s"``, ``"0"``."""
    return f"+{human(duration)}" if duration > 0 else human(duration)


def share(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent: ``"36 %"``, ``"0.4 %"``, ``"< 0.1 %"``; empty without a whole."""
    if whole <= 0:
        return ""
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.1f} %" if 0 < percent < 9.95 else f"{percent:.0f} %"


def ratio(value: float) -> str:
    """How many times as long: ``"×1.66"``, ``"×12"``; ``"new"`` when there was nothing before."""
    if value == float("inf"):
        return "new"
    return f"×{value:.2f}" if value < 10 else f"×{value:.0f}"


def wall_clock(time: int) -> str:
    """Nanoseconds since the epoch as UTC to the millisecond: ``"2026-11-23 11:02:17.123 UTC"``."""
    moment = _EPOCH + timedelta(microseconds=time // 1000)
    return f"{moment.isoformat(' ', 'milliseconds')[:23]} UTC"


def ticks(first: int, last: int, most: int) -> list[tuple[int, str]]:
    """At most ``most`` + 1 axis marks within [first, last] nanoseconds, each with its text; steps that clocks have."""
    step = _step(max(1, last - first) / max(1, most))
    start = -(-first // step) * step
    return [(value, _tick_text(value, step, last)) for value in range(start, last + 1, step)]


def _step(least: float) -> int:
    if least <= SECOND:
        scale = 1
        while scale * 10 <= least:
            scale *= 10
        return next(scale * factor for factor in (1, 2, 5, 10) if scale * factor >= least)
    clock = next((step for step in _CLOCK_STEPS if step >= least), None)
    return clock or DAY * max(1, -(-int(least) // DAY))


def _tick_text(value: int, step: int, last: int) -> str:
    if value < 0:
        return MINUS + _tick_text(-value, step, max(-value, last))
    if value == 0:
        return "0"
    if step >= SECOND:
        return _clock(value)
    if last >= SECOND:
        return _clock(value, _decimals(step, SECOND))
    unit, size = next(
        (unit, size) for unit, size in (("ms", MILLISECOND), ("µs", MICROSECOND), ("ns", 1)) if last >= size
    )
    return f"{value / size:.{_decimals(step, size)}f} {unit}"


def _clock(value: int, decimals: int = 0) -> str:
    days, rest = divmod(value, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if count]
    if rest or decimals or not parts:
        parts.append(f"{rest / SECOND:.{decimals}f} s")
    return " ".join(parts)


def _decimals(step: int, size: int) -> int:
    decimals = 0
    while step * 10**decimals % size:
        decimals += 1
    return decimals


def _hours_and_up(duration: int) -> str:
    if duration < DAY - SECOND // 2:
        return _clock(_rounded(duration, SECOND) * SECOND)
    return _clock(_rounded(duration, MINUTE) * MINUTE)


def _three_digits(duration: int, unit: int) -> str:
    value = duration / unit
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def _at_least_one_decimal(text: str) -> str:
    return text if "." in text else f"{text}.0"


def _rounded(value: int, unit: int) -> int:
    return (value + unit // 2) // unit
