"""What a monitor expects of an answer."""

from __future__ import annotations

import json
import re
import subprocess
import sys

MOST_PATTERN = 500  # characters
MOST_SEARCHED = 64 * 1024  # bytes that a pattern looks at
# A pattern that backtracks holds its whole process up, and nothing but the end of that process stops it.
MOST_SEARCHING = 2.0  # seconds
_SEARCH = "import json, re, sys; sys.exit(0 if re.search(*json.load(sys.stdin)) else 3)"
_PART = re.compile(r"(\d{3})(?:\s*-\s*(\d{3}))?")


class ExpectationError(ValueError):
    """One sentence that says what is wrong with it."""


def statuses(text: str) -> list[range]:
    """``200``, ``200-299, 304`` → ranges. Raises ``ExpectationError``."""
    found = []
    for part in text.replace(";", ",").split(","):
        # "2xx" is how people say it.
        part = re.sub(r"^\s*([1-5])xx\s*$", r"\g<1>00-\g<1>99", part, flags=re.IGNORECASE)
        match = _PART.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not match or not 100 <= first <= last <= 599:
            raise ExpectationError(f"“{part.strip()[:40]}” is no status: write 200, 200-299 or 200, 204, 301-308")
        found.append(range(first, last + 1))
    return found


def fits_status(status: int, text: str) -> bool:
    return any(status in one for one in statuses(text))


def pattern(text: str) -> re.Pattern[str]:
    """Raises ``ExpectationError``."""
    if len(text) > MOST_PATTERN:
        raise ExpectationError(f"The pattern has more than {MOST_PATTERN} characters")
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ExpectationError(f"The pattern is no regular expression: {error}") from None


def fits_body(body: bytes, expected: str, *, is_regex: bool) -> bool:
    """Whether the text occurs in the body, or the pattern matches somewhere in its first 64 KiB. Raises
    ``ExpectationError`` for a pattern that does not come to an end."""
    if not expected:
        return True
    if is_regex:
        return _is_found(expected, body[:MOST_SEARCHED].decode("utf-8", "replace"))
    return expected.encode() in body


def _is_found(expected: str, text: str) -> bool:
    command = [sys.executable, "-I", "-S", "-c", _SEARCH]
    told = json.dumps([expected, text]).encode()
    try:
        done = subprocess.run(command, input=told, timeout=MOST_SEARCHING, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        text = f"The pattern takes more than {MOST_SEARCHING:g} s on this answer: write a simpler one"
        raise ExpectationError(text) from None
    return done.returncode == 0


def shown(body: bytes) -> str:
    """The beginning of an answer that was not the expected one, for its sentence."""
    text = " ".join(body[:400].decode("utf-8", "replace").replace("\0", "").split())
    return f"“{text[:80]}…”" if len(text) > 80 else f"“{text}”"
