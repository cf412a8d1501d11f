"""What is called sar's output and is not: other systems' sar, other programs of sysstat, and messages of sar."""

from __future__ import annotations

import re

from diagnostics.parsers.sar.heading import read_heading
from diagnostics.records import ParseError

_SYSTEM = re.compile(r"(?:HP-UX|SunOS|AIX|Darwin|OSF1|IRIX64|IRIX|UnixWare|OpenUNIX)\b")
_UNIX_HEADER = re.compile(r"%usr\s+%sys|device\s+%busy|runq-sz\s+%runocc|%rcache|pgout/s|swpin/s")
_USAGE = re.compile(r"Usage:\s+\S*\b(sar|sadf|sadc)\s*\[", re.IGNORECASE)
_MESSAGE = re.compile(
    r"Cannot open |Invalid system activity file|End of system activity file|Requested activities not available"
    r"|Please check if data collecting|sar: (?:command )?not found|Cannot find (?:the data collector|disk data)"
    r"|Using a wrong data collector|Not reading from a system activity file"
)
_PIDSTAT = re.compile(r"^\S.*\bPID\b.*\bCommand\s*$", re.MULTILINE)
_IOSTAT = re.compile(r"^(?:avg-cpu:|Device:?\s)", re.MULTILINE)


def is_other_system(text: str) -> bool:
    """Whether the first lines are of a sar that is not sysstat's."""
    first = text.lstrip().split("\n", 1)[0]
    return bool(_SYSTEM.match(first) and _UNIX_HEADER.search(text))


def is_usage(text: str) -> bool:
    usage = _USAGE.match(text.lstrip())
    return bool(usage and usage[1].lower() != "sadf")


def refuse(text: str) -> None:
    """Raise ``ParseError`` with what it is and what to send, when the first lines are none of sysstat's sar."""
    stripped = text.lstrip()
    first = stripped.split("\n", 1)[0].strip()
    if is_other_system(stripped):
        raise ParseError(
            f"This is the sar of {first.split()[0]}, not of sysstat, whose columns mean other things. Send the output"
            " of sysstat's sar on Linux.",
            "line 1",
            "not_sysstat",
        )
    if _USAGE.match(stripped):
        raise ParseError(
            "This is sar's usage text: the command had an option that this version does not know. Run it without"
            " that option and send its output.",
            "line 1",
            "usage_text",
        )
    if _MESSAGE.search(first):
        raise ParseError(f"This is a message of sar, not its output: “{first[:200]}”.", "line 1", "no_samples")
    _refuse_sibling(stripped, first)


def _refuse_sibling(text: str, first: str) -> None:
    if read_heading(first) is None:
        return
    for program, pattern in (("pidstat", _PIDSTAT), ("iostat", _IOSTAT)):
        if pattern.search(text):
            raise ParseError(f"This is the output of {program}; send that of sar.", "line 1", "not_sar")
