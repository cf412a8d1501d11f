"""Figures drawn to a file by Kaleido, which drives a Chromium of the machine; without one there is no picture."""

from __future__ import annotations

import os
import shutil
import threading
from typing import Any

from diagnostics.exporting.standalone import bundle_path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PATIENCE = 40  # seconds
# A browser at a time: each takes 200 MB, and a page of reports may ask for many.
_ONE_AT_A_TIME = threading.Lock()


class NoPicture(Exception):
    """There is no picture; the message says why, and what to do."""


def browser() -> str | None:
    """CHROMIUM (or BROWSER_PATH, Kaleido's own name for it), else what the machine has."""
    for name in ("CHROMIUM", "BROWSER_PATH"):
        if os.environ.get(name):
            return os.environ[name]
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def drawn(spec: dict[str, Any], wanted: str, width: int, height: int) -> bytes:
    """``{"data", "layout"}`` as ``png`` (twice as fine) or ``svg``. Raises ``NoPicture``."""
    path = browser()
    if path is None:
        raise NoPicture("Pictures need Chromium on the server: install it (Debian: apt-get install chromium).")
    if not _ONE_AT_A_TIME.acquire(timeout=PATIENCE):
        raise NoPicture("Other pictures are being drawn; try again in a minute.")
    try:
        return _drawn(spec, wanted, width, height, path)
    finally:
        _ONE_AT_A_TIME.release()


def _drawn(spec: dict[str, Any], wanted: str, width: int, height: int, path: str) -> bytes:
    import kaleido  # takes its time to import

    options = {"format": wanted, "width": width, "height": height, "scale": 2 if wanted == "png" else 1}
    how = {"path": path, "timeout": PATIENCE, "plotlyjs": str(bundle_path()), "mathjax": False}
    try:
        return bytes(kaleido.calc_fig_sync(spec, opts=options, kopts=how))
    except Exception as error:  # what a browser that does not start ends with is not one kind of error
        raise NoPicture(
            f"Chromium ({path}) did not draw the picture: {str(error)[:200] or type(error).__name__}."
        ) from error
