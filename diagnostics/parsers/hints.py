"""What the upload said beside the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo


@dataclass(frozen=True, slots=True)
class Hints:
    """Help for files that do not say everything themselves."""

    received_at: int  # ns; nothing in a file can have happened long after it arrived
    version: str = ""
    host: str = ""
    year: int | None = None  # of the first stamp, for stamps without a year
    zone: tzinfo = UTC  # of stamps without a zone
    boot_time: int | None = None  # ns, for stamps that are seconds since boot
    trace: str = ""  # which one, of a file of several
