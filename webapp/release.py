"""Which Launchscope this is."""

from __future__ import annotations

import subprocess
import tomllib

from webapp.env import ROOT


def version() -> str:
    """The release, and in a checkout the commit: ``0.1.0+6e6cef9``."""
    release = str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
    try:
        asked = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return release
    return f"{release}+{asked.stdout.strip()}" if asked.returncode == 0 else release
