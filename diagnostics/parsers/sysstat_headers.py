"""Which section of sysstat a header is, and what each of its columns holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from diagnostics.parsers.sysstat_columns import ACTIVITIES, IRQ, Activity, Column, own_name, plain_name

# The columns that name what a row is about; no metric is called so.
KEYS = frozenset(
    ("CPU", "INTR", "TTY", "DEV", "IFACE", "FAN", "TEMP", "IN", "BUS", "FILESYSTEM", "MOUNTPOINT", "FCHOST", "BAT")
)
# Words of a row, not numbers; the first two tell a USB device from others on its bus.
PRODUCT = ("idvendor", "idprod")
WORDS = frozenset((*PRODUCT, "DEVICE", "device", "manufact", "product", "status"))
# A key that belongs to one activity only tells it apart from others with a column of the same name.
_KEYED = {
    "INTR": ("interrupts",),
    "TTY": ("serial",),
    "DEV": ("disk",),
    "IFACE": ("net-dev", "net-edev"),
    "CPU": ("cpu-load", "softnet", "cpu-frequency", "cpu-weighted-frequency"),
    "FAN": ("fan-speed",),
    "TEMP": ("temperature",),
    "IN": ("voltage-input",),
    "BUS": ("usb-devices",),
    "FILESYSTEM": ("filesystems",),
    "MOUNTPOINT": ("filesystems",),
    "FCHOST": ("fchosts",),
    "BAT": ("battery",),
}
_UNKEYED = tuple(name for name in ACTIVITIES if name not in {n for names in _KEYED.values() for n in names})


def activity_of(key: str | None, columns: Iterable[str]) -> Activity:
    """The section of a header by its key column and the names beside it: the one that knows most of them.

    A section nobody knows is an activity of its own, named after its key.
    """
    plain = [plain_name(column) for column in columns]
    candidates = [ACTIVITIES[name] for name in _KEYED.get(key or "", _UNKEYED)]
    known, best = max(
        ((sum(name in one.columns for name in plain), one) for one in candidates), key=lambda pair: pair[0]
    )
    if known or key == "INTR":
        return best
    return Activity(own_name(key) if key else "other")


def column_of(activity: Activity, name: str) -> Column | None:
    """What a column holds, or ``None`` for words. ``CPU3`` among interrupts is ``irq.intr`` of that CPU alone."""
    if name in WORDS:
        return None
    if activity is IRQ and (of_cpu := re.fullmatch(r"(?i)cpu(\d+)", name)):
        return Column("irq.intr", suffix=f"/cpu{of_cpu[1]}")
    return activity.column(name)


def is_header(names: Sequence[str]) -> bool:
    """Whether these are the names of a text report's columns: a key beside words, or such as only sysstat has."""
    if any(name[:1].isdigit() or name[:1] in "-+.," for name in names):
        return False
    return any((name in KEYS and len(names) > 1) or _is_sysstats(name) for name in names)


def _is_sysstats(name: str) -> bool:
    return bool(_SPELLED.match(name)) or name in _BARE or ("-" in name and name in _ALL)


# ``rxpck/s``, ``%user``, ``kbdirty``: names that are no words of a language.
_SPELLED = re.compile(r"%\w|\w[\w.-]*/s$|(?:kb|MB)[a-z]")
_BARE = frozenset(("tps", "totsck", "tcpsck", "tcp6sck", "dentunusd", "MHz", "wghMHz", "await", "Ifree"))
_ALL = frozenset(name for one in ACTIVITIES.values() for name in one.columns)


def activity_at(columns: Sequence[str], is_keyed: bool) -> Activity:
    """The section to which the first of these columns belongs: the one that knows most of those in front."""
    plain = [plain_name(column) for column in columns]
    names = [name for names in _KEYED.values() for name in names] if is_keyed else _UNKEYED
    best = max((ACTIVITIES[name] for name in names), key=lambda one: _leading(one, plain))
    return best if _leading(best, plain) else Activity("other")


def is_known(name: str) -> bool:
    """Whether some section has a column of this name."""
    return plain_name(name) in _ALL


def _leading(activity: Activity, plain: Sequence[str]) -> int:
    return next((n for n, name in enumerate(plain) if not knows(activity, name)), len(plain))


def knows(activity: Activity, plain: str) -> bool:
    return plain in activity.columns or plain in WORDS or (activity is IRQ and plain.upper().startswith("CPU"))
