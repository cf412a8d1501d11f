"""The median of whole nanoseconds, and that of times of which some are only known to be longer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_EXACT = 1e-9


def median(values: Iterable[int]) -> int:
    """The median of at least one integer, rounded down: an integer that does not change with the platform."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2


def censored_median(values: Sequence[int], censored: Sequence[bool]) -> int:
    """Kaplan and Meier's median (1958) of at least one time; without censored ones the plain median.

    Where more than half never ended within what was seen, the longest time: the median is at least that.
    """
    if not any(censored):
        return median(values)
    left, ordered, half = 1.0, sorted(zip(values, censored, strict=True)), None
    for place, (value, is_censored) in enumerate(ordered):
        if is_censored:
            continue
        if half is not None:
            return (half + value) // 2
        left *= 1 - 1 / (len(ordered) - place)
        if left < 0.5 - _EXACT:
            return value
        if left < 0.5 + _EXACT:
            half = value  # exactly half are left: the median is between this time and the next
    return half if half is not None else ordered[-1][0]
