"""The installed ``sadf``, which alone reads sysstat's binary files: the one place of the parsers that runs a program.

``sar.parse`` takes ``converted`` as an argument; a host without sysstat is a normal case, which that parser words.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diagnostics.parsers.source import Source

SECONDS = 120
# What a damaged file may cost: CPU seconds, kB of memory, 512-byte blocks of output.
LIMITS = f"ulimit -t {SECONDS}; ulimit -v 2097152; ulimit -f 4194304"


class NotConverted(Exception):
    """``sadf`` could not read the file; the message is what it said."""


@contextmanager
def converted(source: Source) -> Iterator[Source | None]:
    """The file as ``sadf -j`` tells it, while the context lasts; ``None`` when no ``sadf`` is installed.

    Raises ``NotConverted``. Files of older versions are brought to the installed one's format first (``sadf -c``).
    """
    program = shutil.which("sadf")
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="launchscope-sa-") as folder:
        binary, told = Path(folder, "binary.sa"), Path(folder, "told.json")
        with binary.open("wb") as file:
            file.writelines(source.chunks())
        problem = _tell(program, binary, told)
        if problem is not None:
            newer = Path(folder, "newer.sa")
            _run([program, "-c", str(binary)], newer)
            if newer.stat().st_size and _tell(program, newer, told) is None:
                problem = None
        if problem is not None:
            raise NotConverted(problem)
        yield Source(lambda: told.open("rb"))


def _tell(program: str, binary: Path, told: Path) -> str | None:
    """What went wrong, or ``None``. A cut file gives the samples before the cut."""
    problem = _run([program, "-j", str(binary), "--", "-A", "-C"], told)
    with told.open("rb") as file:
        has_samples = b'"timestamp"' in file.read(65_536)
    return None if has_samples else problem


def _run(command: list[str], output: Path) -> str | None:
    """What the program said when it failed, or ``None``."""
    # ulimit is of the shell; exec leaves no shell behind to outlive the time limit.
    limited = ["/bin/sh", "-c", f'{LIMITS}; exec "$@"', "sh", *command]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    try:
        with output.open("wb") as file:
            done = subprocess.run(
                limited, stdout=file, stderr=subprocess.PIPE, timeout=SECONDS, check=False, env=environment
            )
    except subprocess.TimeoutExpired:
        return f"it took more than {SECONDS} s"
    except OSError as error:
        return error.strerror or str(error)
    if done.returncode == 0:
        return None
    said = done.stderr.decode(errors="replace").replace(f"{output.parent}/", "").strip().split("\n")
    return next((line for line in said if "cannot" in line.lower()), said[-1])[:300] or "it failed without a word"
