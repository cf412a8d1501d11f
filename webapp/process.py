"""Child processes that cannot outlive their parent, and that may run as another account."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from webapp.home import Account

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: loading it in the child of a process with threads could hang.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts the command in a session of its own, its output appended to the log.

    ``death_signal`` is what the kernel sends it when the parent dies without saying goodbye (Linux only).
    """
    identity: dict[str, object] = {}
    if account:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    with log.open("ab") as output:
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid(), death_signal),
            **identity,
        )


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def before_exec() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        # The parent may have died before the line above took effect.
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signals the child and every descendant that stayed in its group; a group that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def group_is_alive(process: subprocess.Popen[bytes]) -> bool:
    """Whether any descendant that stayed in the child's group still runs, after the child itself is gone too."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
