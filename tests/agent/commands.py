"""Runs the agent's commands as a user does: as processes of their own, on any Python."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# What is started here must end, whatever goes wrong; no test depends on how long it takes.
PATIENCE = 120
PYENV = Path("/root/.pyenv/versions")
OTHERS = [str(path) for version in ("3.9.18", "3.13.0") if (path := PYENV / version / "bin" / "python").exists()]


@dataclass
class Agent:
    """The agent on one interpreter, with files and spool in a directory of its own."""

    home: Path
    python: str = sys.executable
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        ours = {"LAUNCHSCOPE_SPOOL": str(self.home / "spool"), "PYTHONPATH": str(ROOT), "LANG": "C", "COLUMNS": "100"}
        outer = {name: value for name, value in os.environ.items() if not name.startswith("LAUNCHSCOPE_")}
        return {**outer, **ours, "LC_ALL": "C", **self.extra}

    def command(self, *arguments: str) -> list[str]:
        return [self.python, "-m", "diagnostics.agent", *arguments]

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Begin a command; its output can be read unless ``options`` say otherwise."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(self.command(*arguments), cwd=self.home, env=self.environment, **{**streams, **options})

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        with self.start(*arguments, **options) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def dump(self, *options: str, program: str | Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        """``dump-launch-sequence`` of a Python program given as text, or of a command."""
        command = [self.python, "-c", program] if isinstance(program, str) else list(program)
        return self.run("dump-launch-sequence", *options, "--", *command)

    def snapshot(self, name: str = "launch_snapshot.json") -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.home / name).read_text())
        return document

    def end_senders(self) -> None:
        """End the background senders of this spool, which would go on for a quarter of an hour; and only those."""
        wanted = str(self.home / "spool").encode()
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = entry.read_bytes().split(b"\0")
                if b"diagnostics.agent.spool" in words and wanted in words:
                    os.kill(int(entry.parent.name), signal.SIGKILL)

    def spooled(self) -> list[str]:
        """The kinds of what waits to be sent."""
        return [
            path.name.split("-", 1)[1].rsplit("-", 1)[0] for path in sorted((self.home / "spool").glob("*.spooled"))
        ]
