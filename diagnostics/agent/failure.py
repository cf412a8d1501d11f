"""Why a command could not do its work: one sentence for a person, and the exit code that scripts see."""

from __future__ import annotations

# One table for every command; docs/agent.md explains it and a test compares the two.
OK = 0
TROUBLE = 1  # the command worked and what it looked at is not well
USAGE = 2
IMPOSSIBLE = 3
NOTHING_FOUND = 4
INTERRUPTED = 130


class Failure(Exception):
    """What is wrong, where, and what to do, in one sentence; ``code`` becomes the exit code."""

    def __init__(self, message: str, code: int = IMPOSSIBLE) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
