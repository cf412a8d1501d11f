"""Tells a program's log from everything else that has times in it. It is asked last."""

from __future__ import annotations

import json
import re

from diagnostics.agent.log_pieces import pieces
from diagnostics.agent.stamps import Calendar
from diagnostics.parsers.source import Source

_LINES = 400
# Times are asked for, not read: any reference will do.
_REFERENCE = 4_000_000_000 * 10**9
# Files that have a parser of their own: told by their first line, or by what most of their lines look like.
_OTHER = re.compile(
    r"#? ?hostname;interval|<\?xml|<svg|PING |PING6\(|traceroute\d? to |Filesystem\s|HOST: |Start: .*\d{4}$"
    r"|(?:Linux|SunOS|HP-UX|AIX) \S+ \([^)]*\)\s+\S*\d|import time:|Name: +\S+$"
    r"|(?:apiVersion|kind|metadata|items): ?|%YAML "
    r"|Manager: systemd|-> Unit |Startup finished in |Bootup is not yet"
)
_OTHER_LINE = re.compile(
    r"\S+[;\t]-?\d+[;\t]\d{4,10}[-;\t]"
    r"|\[\d{10}\.\d{6}\] (?:\d+ bytes from|no answer yet|From )"
    r"|(?:kern +:\w+ *: |<\d+>)?\[ *\d{1,8}\.\d{6}\] "
    r"|(?:\S+ ){2,4}kernel(?:\[\d+\])?: "
    r"|import time: +-?\d+ \|"
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# Keys of JSON lines that are records of something else than a program's messages.
_NO_LOG = (
    "resourceSpans",
    "resourceLogs",
    "resourceMetrics",
    "traceEvents",
    "phases",
    "apiVersion",
    "items",
    "sysstat",
)


def recognise(head: bytes) -> bool:
    """Text with a stamp in at least one line, in none of the forms that have a parser of their own."""
    if _is_binary(head):
        return False
    lines = list(Source.of(head).lines())
    # The last one may be cut.
    lines = lines[: _LINES + 1][:-1] if len(lines) > 1 else lines
    if _is_other(lines) or _is_document(lines):
        return False
    return any(piece.time is not None for _, piece in pieces(lines, Calendar(_REFERENCE)))


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return b"\0" in head[:4096] or len(_CONTROL.findall(head)) * 50 > len(head)


def _is_other(lines: list[str]) -> bool:
    said = [line for line in lines if line.strip()]
    others = sum(_OTHER_LINE.match(line) is not None for line in said)
    return not said or _OTHER.match(said[0]) is not None or others * 2 > len(said)


def _is_document(lines: list[str]) -> bool:
    """One JSON value over many lines, or lines of JSON that hold no message."""
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("[") and (first in ("[", "[{") or first.startswith(('[{"', "[ {"))):
        return True
    if not first.startswith("{"):
        return False
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        # A docker line may be longer than the head; a document's first line is short or holds no message.
        return not re.match(r'\{"(?:log|msg|message|time|timestamp|ts|level)":', first)
    # The API server's refusal is the first line of what kubectl saved, and the log follows.
    return isinstance(value, dict) and value.get("kind") != "Status" and any(key in value for key in _NO_LOG)
