"""Where launched programs record themselves (see ``record``), one file a launch, until the snapshot is made of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from typing import Optional

_OLD = 7 * 86_400  # seconds
_SHARED = Path("/tmp/launchscope-recordings-0")  # noqa: S108 (used only when it is root's own)


def folder(spool: Path) -> Path:
    """The directory for recordings; what was left behind there a week ago is cleared."""
    place = _shared(spool) or spool / "recordings"
    for file in place.glob("*.jsonl"):
        try:
            if file.stat().st_mtime < time.time() - _OLD:
                file.unlink()
        except OSError:
            continue
    return place


def begin(place: Path, launch_id: str) -> None:
    """Make a launch's file before the launch does, so that whoever the command becomes can append to it."""
    if place.parent == _SHARED:
        # A launch that cannot be recorded from inside goes on all the same.
        with contextlib.suppress(OSError):
            place.mkdir(mode=0o711, exist_ok=True)
            file = place / f"{launch_id}.jsonl"
            file.touch(0o600)
            file.chmod(0o622)


def finish(place: Path, launch_id: str) -> None:
    """What the program recorded of itself is in the snapshot, and nobody adds to it any more."""
    with contextlib.suppress(OSError):
        (place / f"{launch_id}.jsonl").unlink()
        place.rmdir()  # unless other launches are still recorded there


def _shared(spool: Path) -> Optional[Path]:
    """Root's commands often go on as another user (gosu, setpriv), who cannot reach into root's own directories: theirs
    is one that can be entered but not listed, where only the launch's id tells the name of its file."""
    if os.geteuid():
        return None
    place = _SHARED / hashlib.sha256(str(spool.absolute()).encode()).hexdigest()[:16]
    try:
        _SHARED.mkdir(mode=0o711, exist_ok=True)
        if _SHARED.is_symlink() or _SHARED.stat().st_uid:
            return None
        place.mkdir(mode=0o711, exist_ok=True)
        for made in (_SHARED, place):
            made.chmod(0o711)  # whatever the umask made of it
    except OSError:
        return None
    return place
