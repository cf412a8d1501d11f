"""The help of every command as docs/agent.md shows it. ``python -m tests.docs.agent_help`` writes it there anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "agent.md"
_BLOCK = re.compile(r"<!-- help: (?P<command>[a-z -]+) -->\n(?:\n?```text\n.*?\n```\n)?", re.DOTALL)


def commands(page: str) -> list[str]:
    """The commands whose help the page shows."""
    return [match["command"] for match in _BLOCK.finditer(page)]


def help_of(command: str) -> str:
    environment = {**os.environ, "COLUMNS": "100", "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "1", "LAUNCHSCOPE_URL": ""}
    words = [sys.executable, "-m", "diagnostics.agent", *command.split(), "--help"]
    done = subprocess.run(
        words, capture_output=True, text=True, env=environment, cwd=ROOT, check=True, encoding="utf-8"
    )
    return done.stdout.rstrip("\n")


def with_help(page: str) -> str:
    """The page with each block as the commands print it now."""
    return _BLOCK.sub(
        lambda match: f"<!-- help: {match['command']} -->\n\n```text\n{help_of(match['command'])}\n```\n", page
    )


if __name__ == "__main__":
    PAGE.write_text(with_help(PAGE.read_text()))
