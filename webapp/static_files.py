"""Whether the collected static files are those of this checkout: collecting and compressing them anew takes seconds."""

from __future__ import annotations

import hashlib
from pathlib import Path

from webapp.env import ROOT

_STAMP = ".collected"


def fingerprint() -> str:
    """Changes with any file of ours, how they are named, and the packages that bring their own."""
    seen = hashlib.sha256((ROOT / "requirements" / "server.txt").read_bytes())
    seen.update((ROOT / "webapp" / "static_storage.py").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        status = path.stat()
        seen.update(f"{path.relative_to(ROOT)}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return seen.hexdigest()


def are_collected(directory: Path) -> bool:
    try:
        return (directory / _STAMP).read_text() == fingerprint()
    except OSError:
        return False


def note_collected(directory: Path) -> None:
    (directory / _STAMP).write_text(fingerprint())
