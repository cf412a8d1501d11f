"""Lends the terminal to the launch as a shell does: Ctrl-C and Ctrl-Z then reach it alone, and it may read keys."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import Iterator, Optional


def terminal() -> Optional[int]:
    """Standard input, if it is a terminal that this process owns; None in containers, services, CI and pipes."""
    try:
        return 0 if os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp() else None
    except OSError:
        return None


@contextlib.contextmanager
def lent(terminal: Optional[int], group: int) -> Iterator[None]:
    """The terminal belongs to process group ``group`` inside, and to this one again after."""
    if terminal is None:
        yield
        return
    give(terminal, group)
    try:
        yield
    finally:
        give(terminal, os.getpgrp())


def give(terminal: int, group: int) -> None:
    # A process in the background that touches its terminal is stopped by SIGTTOU, unless it ignores that.
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        os.tcsetpgrp(terminal, group)
    except OSError:
        pass  # the group is gone already
    finally:
        signal.signal(signal.SIGTTOU, before)


def stop_together(terminal: int, group: int) -> None:
    """The launch was stopped (Ctrl-Z): so are we, until the shell continues us, and then it."""
    give(terminal, os.getpgrp())
    os.kill(os.getpid(), signal.SIGSTOP)
    give(terminal, group)
    os.killpg(group, signal.SIGCONT)
