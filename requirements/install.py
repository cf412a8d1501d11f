"""Makes .venv and installs the pinned, hashed requirements: ``install.py server`` or ``install.py dev``.

Runs before anything is installed, so: standard library only, and nothing newer than Python 3.6, so that an old Python
can read it far enough to say, in one sentence, that it is too old. A second run with nothing changed takes a moment.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import List, Tuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOG = VENV / "install.log"
LEAST = (3, 11)
LEAST_FREE_MB = {"server": 700, "dev": 1300}
# What one set contains, so that installing the larger one is not followed by a second look at the smaller.
CONTAINS = {"server": ["server"], "dev": ["dev", "server"]}

NO_ROOM = "The disk is full: free about 1 GB, then run the command again."
NO_NETWORK = "The package index cannot be reached: check the network, and the proxy and index that pip is set up with."
NO_WHEEL = (
    "There is no package {0} for this machine and Python {python}: supported are Linux (glibc 2.28 or newer) and macOS "
    "on x86-64 and arm64, with Python 3.11 to 3.14. Or the package index that pip is set up with does not have it."
)
NO_COMPILER = (
    "{0} has no ready-made package for this machine, and building it failed: install a C compiler and Python's headers "
    "(Debian: apt-get install build-essential python3-dev), then run the command again."
)
# What pip says when it fails, and what a person should do. The first that matches is told.
FAILURES = [
    (r"No space left on device|Errno 28|Disk quota exceeded", NO_ROOM),
    (r"DO NOT MATCH THE HASHES", "A downloaded package is not the pinned one: check the mirror or proxy in use."),
    (r"NewConnectionError|name resolution|Network is unreachable|Connection refused|Connection aborted", NO_NETWORK),
    (r"ConnectTimeout|ReadTimeout|ProxyError|SSLError|IncompleteRead", NO_NETWORK),
    (r"No matching distribution found for (\S+)", NO_WHEEL),
    (r"(?:Failed building wheel for|Failed to build|Could not build wheels for) (\S+)", NO_COMPILER),
]


class CannotInstall(Exception):
    """One sentence for the person at the terminal."""


def main(wanted: str) -> None:
    # Two instances may be started from one checkout at once; the second waits here for the first.
    handle = os.open(str(ROOT), os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        if is_installed(wanted):
            return
        check_space(wanted)
        make_venv()
        install(wanted)
        for name in CONTAINS[wanted]:
            stamp(name).write_text(fingerprint(name))
    finally:
        os.close(handle)


def requirements(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def stamp(name: str) -> Path:
    return VENV / f".installed-{name}"


def fingerprint(name: str) -> str:
    return hashlib.sha256(requirements(name).read_bytes()).hexdigest()


def is_installed(name: str) -> bool:
    try:
        return stamp(name).read_text() == fingerprint(name) and version_of(str(VENV_PYTHON)) >= LEAST
    except OSError:
        return False


def version_of(python: str) -> Tuple[int, int]:
    """(major, minor), or (0, 0) if it does not run."""
    try:
        command = [python, "-c", "import sys; print(*sys.version_info[:2])"]
        shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30).stdout.split()
        return int(shown[0]), int(shown[1])
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired):
        return 0, 0


def find_python() -> str:
    """The Python that runs this if it is new enough, else the newest on the path."""
    for name in [sys.executable, "python3.14", "python3.13", "python3.12", "python3.11", "python3"]:
        path = shutil.which(name)
        if path and LEAST <= version_of(path) < (4, 0):
            return path
    mine = ".".join(map(str, sys.version_info[:2]))
    raise CannotInstall(
        f"Python {mine} is too old: install Python 3.11 or newer, or name one: make up PYTHON=/path/to/python3.12"
    )


def make_venv() -> None:
    if version_of(str(VENV_PYTHON)) >= LEAST and runs(str(VENV_PYTHON), "-m", "pip", "--version"):
        return
    python = find_python()
    if not runs(python, "-c", "import ensurepip, venv"):
        add_venv_module(python)
    say("Making .venv with Python {}.{}".format(*version_of(python)))
    shutil.rmtree(str(VENV), ignore_errors=True)
    made = subprocess.run([python, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        shutil.rmtree(str(VENV), ignore_errors=True)
        raise CannotInstall(reason_in(made.stdout.decode(errors="replace")))


def add_venv_module(python: str) -> None:
    """Debian packs this part of the standard library apart."""
    package = "python{}.{}-venv".format(*version_of(python))
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {package} with apt-get")
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", package]):
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not runs(python, "-c", "import ensurepip, venv"):
        raise CannotInstall(
            f"Python's venv module is missing: install it (Debian, Ubuntu: sudo apt-get install {package}), "
            "then run the command again."
        )


def runs(*command: str) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def check_space(wanted: str) -> None:
    free = shutil.disk_usage(str(ROOT)).free // 1024**2
    # Beside an older installation only what has changed takes room.
    least = LEAST_FREE_MB[wanted] // (4 if any(stamp(name).exists() for name in CONTAINS) else 1)
    if free < least:
        raise CannotInstall(
            f"The disk that holds {ROOT} has {free} MB left, and {least} MB are needed: free some space, then run the "
            "command again."
        )


def install(wanted: str) -> None:
    """Runs pip: all it says in a log, its progress here."""
    lines = requirements(wanted).read_text().splitlines()
    total = sum(1 for line in lines if "==" in line and not line.startswith((" ", "#")))
    # The file is complete, dependencies included: nothing is resolved, so nothing unpinned can come in.
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--require-hashes", "--no-deps", "--prefer-binary"]
    command += ["--progress-bar=off", "--disable-pip-version-check", "--no-input", "-r", str(requirements(wanted))]
    environment = dict(os.environ, PIP_ROOT_USER_ACTION="ignore", LC_ALL="C.UTF-8")
    begun, output = time.time(), []  # type: Tuple[float, List[str]]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    assert pip.stdout is not None
    for raw in pip.stdout:
        output.append(raw.decode(errors="replace"))
        show_progress(output, total)
    failed = pip.wait()
    write_log("".join(output))
    if failed:
        raise CannotInstall(reason_in("".join(output)))
    say(f"Installed {total} packages in {time.time() - begun:.0f} s")


def show_progress(output: List[str], total: int) -> None:
    steps = ("Collecting ", "Requirement already satisfied: ", "Ignoring ")
    if output[-1].startswith(steps):
        done = sum(1 for line in output if line.startswith(steps))
        progress(f"Fetching packages: {min(done, total)} of {total}", done % 10 == 0)
    elif output[-1].startswith("Installing collected"):
        progress(f"Installing {total} packages", True)


def write_log(text: str) -> None:
    try:
        LOG.write_text(text)
    except OSError:
        # The disk is full: the sentence about it matters more than the log.
        return


def reason_in(output: str) -> str:
    for pattern, sentence in FAILURES:
        found = re.search(pattern, output)
        if found:
            return sentence.format(*found.groups(), python="{}.{}".format(*version_of(str(VENV_PYTHON))))
    lines = output.splitlines() or ["no reason was given"]
    errors = [line for line in lines if line.strip().lower().startswith("error")] or lines[-1:]
    return f"pip failed: {errors[-1].strip()} (all it said: {LOG})"


def progress(line: str, in_a_log_too: bool) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{line}")
        sys.stdout.flush()
    elif in_a_log_too:
        say(line)


def say(line: str) -> None:
    sys.stdout.write(("\r\033[K" if sys.stdout.isatty() else "") + line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "server")
    except CannotInstall as error:
        sys.exit(f"Launchscope cannot be installed. {error}")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit(f"Launchscope cannot be installed. {NO_ROOM}")
    except KeyboardInterrupt:
        sys.exit(130)
