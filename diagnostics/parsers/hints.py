"""What the upload said beside the file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hints:
    """Help for files that do not say everything themselves."""

    received_at: int  # ns; nothing in a file can have happened long after it arrived
    version: str = ""
    host: str = ""
