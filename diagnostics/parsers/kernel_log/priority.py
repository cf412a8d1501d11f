"""Levels and facilities as the kernel numbers them, in the words of ``dmesg -x``."""

from __future__ import annotations

LEVELS = ("emerg", "alert", "crit", "err", "warn", "notice", "info", "debug")
FACILITIES = ("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp")
KERNEL = "kernel"
_WORDS = {"panic": "emerg", "error": "err", "warning": "warn"}


def level_of(priority: str | int | None) -> str:
    """``6`` or ``"30"`` (facility × 8 + level), or a word; ``""`` for none."""
    if priority is None:
        return ""
    if isinstance(priority, int) or priority.isdecimal():
        return LEVELS[int(priority) & 7]
    return priority if priority in LEVELS else _WORDS.get(priority, "")


def source_of(facility: str | int | None) -> str:
    """Who wrote into the kernel's buffer: the kernel, or the facility a program gave."""
    if facility is None or facility in ("kern", 0):
        return KERNEL
    if isinstance(facility, int):
        return FACILITIES[facility] if facility < len(FACILITIES) else f"facility {facility}"
    return facility
