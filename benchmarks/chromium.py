"""The browser that the waterfall is drawn in."""

from __future__ import annotations

import shutil
from typing import Any

QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu")


def launch_options() -> dict[str, Any]:
    """The system's Chromium if there is one, else the one that playwright has installed."""
    options: dict[str, Any] = {"headless": True, "args": ["--no-sandbox", *QUIET]}
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return options | ({"executable_path": installed} if installed else {})
