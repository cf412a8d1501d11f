"""A figure as PNG or SVG, drawn by a process that can be ended on time."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SECONDS = 60
BEGINS = {"png": b"\x89PNG", "svg": b"<svg"}
# A browser takes some 200 MB: a page of reports that asks for many gets them one after the other.
_ONE_AT_A_TIME = threading.Lock()


class NoPicture(Exception):
    """Why there is none, as a sentence."""


def browser() -> str | None:
    """CHROMIUM, else the system's."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def drawn(figure: dict[str, Any], wanted: str, seconds: float = SECONDS) -> bytes:
    """``{"data", "layout"}``, its size in the layout, as ``png`` or ``svg`` in ``seconds``. Raises ``NoPicture``."""
    path = browser()
    if path is None:
        raise NoPicture(_("Chromium is not installed here (Debian: apt-get install chromium)"))
    if not _ONE_AT_A_TIME.acquire(timeout=seconds):
        raise NoPicture(_("other pictures are being drawn; try again in a minute"))
    try:
        return _drawn(figure, wanted, path, seconds)
    finally:
        _ONE_AT_A_TIME.release()


def _drawn(figure: dict[str, Any], wanted: str, path: str, seconds: float) -> bytes:
    child = subprocess.Popen(
        [sys.executable, "-m", "diagnostics.pictures", path, wanted],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        start_new_session=True,
    )
    try:
        image, error = child.communicate(orjson.dumps(figure, option=orjson.OPT_SERIALIZE_NUMPY), seconds)
    except subprocess.TimeoutExpired:
        raise NoPicture(_("Chromium did not finish it in time")) from None
    finally:
        _end(child)
    if child.returncode or not image.startswith(BEGINS[wanted]):
        raise NoPicture(error.decode(errors="replace").strip().rpartition("\n")[2][:200] or _("Chromium drew nothing"))
    return image


def _end(child: subprocess.Popen[bytes]) -> None:
    """The child; its browser, whose pipe to it is then closed, follows."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
