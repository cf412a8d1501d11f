"""Space and writability of the file system that holds a path."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import List, Tuple

from diagnostics.agent.checks.check import FAILED, GOOD, UNKNOWN, WARNING, Check
from diagnostics.agent.messages import tr
from diagnostics.agent.units import percent, size

# The first leaves time to act before a download of weights meets the second.
FULL_WARNING, FULL_FAILED = 0.90, 0.97
_OCTAL = re.compile(r"\\([0-7]{3})")


def space(path: str) -> List[Check]:
    """Bytes, and inodes where the file system counts them."""
    try:
        told = os.statvfs(path)
    except OSError as error:
        message = tr("{path} cannot be looked at: {error}", path=path, error=error.strerror)
        return [Check("disk-space", "storage", FAILED, message, evidence=[path])]
    place, kind = mount_of(path)
    # What is reserved for root counts as used, as df says it: others cannot have it.
    total, free = (told.f_blocks - told.f_bfree + told.f_bavail) * told.f_frsize, told.f_bavail * told.f_frsize
    evidence = [f"{path}: {place} ({kind}), {size(free)} free of {size(total)}"]
    checks = [_fullness("disk-space", path, total, free, size(free), evidence)] if total else []
    if told.f_files:
        free_files = f"{told.f_favail:,}"
        checks += _only_trouble(_fullness("disk-inodes", path, told.f_files, told.f_favail, free_files, evidence))
    return checks or [Check("disk-space", "storage", UNKNOWN, tr("{path}: this file system tells no size", path=path))]


def _fullness(name: str, path: str, total: int, free: int, shown: str, evidence: List[str]) -> Check:
    used = 1 - free / total
    state = FAILED if used > FULL_FAILED else WARNING if used > FULL_WARNING else GOOD
    what = tr("inodes") if name == "disk-inodes" else tr("space")
    message = tr("{path}: {used} of {what} used, {free} free", path=path, used=percent(used), what=what, free=shown)
    advice = tr("Free space there: a download or a log that finds none ends the launch.") if state != GOOD else ""
    return Check(name, "storage", state, message, 100 * FULL_WARNING, round(100 * used, 1), "% used", evidence, advice)


def _only_trouble(check: Check) -> List[Check]:
    return [] if check.state == GOOD else [check]


def mount_of(path: str, mounts: Path = Path("/proc/self/mountinfo")) -> Tuple[str, str]:
    """(mount point, file system type) of a path; empty where /proc does not tell."""
    real = os.path.realpath(path)
    best: Tuple[str, str] = ("", "")
    try:
        rows = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return best
    for row in rows:
        fields, _, rest = row.partition(" - ")
        place = _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), fields.split()[4])
        inside = real == place or real.startswith(place.rstrip("/") + "/")
        # A later row of the same place is mounted over the earlier one.
        if inside and len(place) >= len(best[0]):
            best = (place, rest.split()[0])
    return best
