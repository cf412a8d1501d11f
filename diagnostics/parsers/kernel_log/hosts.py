"""Which hosts a log names, and when the last boot began."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.records import NS_PER_SECOND

MICROSECOND = 1000
MOST_HOSTS = 1000


@dataclass(slots=True)
class HostLines:
    name: str
    count: int = 0


class Hosts:
    """Lines by host; and the boot time as the kernel's own stamps beside the log's tell it.

    A message is written after it happened, never before: the earliest of all guesses at the boot time is the best.
    """

    def __init__(self) -> None:
        self.boot_time: int | None = None
        self._lines: dict[str, HostLines] = {}
        self._since_boot = 0

    def of(self, name: str) -> HostLines:
        """The host's lines, to count one more."""
        known = self._lines.get(name)
        if known is None:
            known = HostLines(name)
            if len(self._lines) < MOST_HOSTS:
                self._lines[name] = known
        return known

    def note_boot(self, time: int, seconds: str, micros: str) -> None:
        since_boot = int(seconds + micros) * MICROSECOND
        guess = max(time - since_boot, 0)
        is_new = self.boot_time is None or since_boot + NS_PER_SECOND < self._since_boot
        self.boot_time = guess if is_new or self.boot_time is None else min(self.boot_time, guess)
        self._since_boot = since_boot

    @property
    def name(self) -> str:
        """The host that most lines are of; early lines of a boot may still say ``localhost``."""
        named = sorted((host for host in self._lines.values() if host.name), key=lambda host: -host.count)
        names = [host.name for host in named]
        return next((name for name in names if name != "localhost"), names[0] if names else "")
