"""The kernel's messages of an interval, in the form of ``dmesg --raw``: ``<6>[ 3894.544857] text``.

The stamps are seconds of the kernel's clock; ``boot_time`` moves them onto the calendar (upload parameter of the same
name). It is this moment's difference of the two clocks, so it holds even on a host that has slept since its boot.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Iterable, Iterator, List, NamedTuple, Optional

_RECORD = 8192
_RAW = re.compile(r"^<\d+>\[ *(\d+)\.(\d+)\]")
_MOST = 20_000


class KernelLog(NamedTuple):
    """``text`` is the artifact (kind ``kernel-log``), empty if nothing was said; ``reason`` why it cannot be read."""

    text: str
    boot_time: int
    lines: int = 0
    reason: str = ""


def boot_time() -> int:
    """What to add to the kernel's clock to get ns since the epoch."""
    return time.time_ns() - time.monotonic_ns()


def messages(since: int, until: int, kmsg: Path = Path("/dev/kmsg")) -> KernelLog:
    """The messages between two times (ns since the epoch). Never raises: most containers may not read them."""
    boot = boot_time()
    try:
        rows: Iterable[str] = _from_kmsg(kmsg)
    except OSError as error:
        found = _from_dmesg()
        if found is None:
            return KernelLog("", boot, reason=f"{kmsg}: {error.strerror}; dmesg is not permitted either")
        rows = found
    kept = [row for row in rows if _within(row, since - boot, until - boot)][-_MOST:]
    return KernelLog("".join(row + "\n" for row in kept), boot, len(kept))


def _from_kmsg(path: Path) -> List[str]:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return list(_records(handle))
    finally:
        os.close(handle)


def _records(handle: int) -> Iterator[str]:
    while True:
        try:
            record = os.read(handle, _RECORD)
        except BlockingIOError:
            return
        except BrokenPipeError:
            # Overwritten while being read: the next read goes on with the oldest that is left.
            continue
        if not record:
            return
        yield from _raw(record.decode("utf-8", "replace"))


def _raw(record: str) -> Iterator[str]:
    """``6,339,5140900,-;text`` and its continuation lines → the form of ``dmesg --raw``."""
    head, _, text = record.partition(";")
    fields = head.split(",")
    if len(fields) < 3 or not fields[2].isdigit():
        return
    seconds, micros = divmod(int(fields[2]), 10**6)
    message = text.split("\n", 1)[0].replace("\\x0a", "\n")
    for line in message.split("\n"):
        yield f"<{fields[0]}>[{seconds:5d}.{micros:06d}] {line}"


def _from_dmesg() -> Optional[List[str]]:
    command = shutil.which("dmesg")
    if command is None:
        return None
    try:
        done = subprocess.run([command, "--raw"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").splitlines() if done.returncode == 0 else None


def _within(row: str, start: int, end: int) -> bool:
    stamp = _RAW.match(row)
    return stamp is not None and start <= int(stamp[1]) * 10**9 + int(stamp[2].ljust(9, "0")) <= end
