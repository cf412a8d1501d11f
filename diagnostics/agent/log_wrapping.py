"""Takes off what container runtimes and log shippers put around a program's own line: stamp, stream, service name.

Known: docker's json-file, CRI files, ``kubectl logs --timestamps``, ``docker logs -t``, ``docker compose logs``,
journal and syslog lines, and programs that log JSON themselves.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, NamedTuple, Optional, Tuple

from diagnostics.agent.lines import visible
from diagnostics.agent.stamps import Calendar, from_json

_COMPOSE = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*?[-_]\d+|[A-Za-z][\w.-]*) +\| ?")
_CRI = re.compile(r" (stdout|stderr) ([FP])(?: |$)")
_MESSAGE = ("msg", "message", "log", "event", "text")
_TIME = ("time", "timestamp", "ts", "@timestamp", "asctime")


class Unwrapped(NamedTuple):
    """``time`` is None for a line without a stamp; ``partial`` lines go on in the next one."""

    text: str
    time: Optional[int] = None
    precision: int = 1
    source: str = "stdout"
    partial: bool = False


def unwrap(raw: str, calendar: Calendar, outer_only: bool = False) -> Unwrapped:
    """The program's own line. With ``outer_only`` only stamps that the runtime added count, not the program's own."""
    text = visible(raw)
    if text.startswith("{"):
        logged = _from_json(text, calendar)
        if logged:
            return logged
    prefix = _COMPOSE.match(text)
    if prefix:
        text = text[prefix.end() :]
    stamp = calendar.leading(text)
    if stamp:
        return _after_stamp(text[stamp.end :], stamp.time, stamp.precision, calendar)
    if outer_only:
        return Unwrapped(text)
    stamp = calendar.find(text)
    return Unwrapped(text, stamp.time, stamp.precision) if stamp else Unwrapped(text)


def _after_stamp(rest: str, time: int, precision: int, calendar: Calendar) -> Unwrapped:
    cri = _CRI.match(rest)
    if cri:
        text = rest[cri.end() :]
        return Unwrapped(_message(text, calendar), time, precision, cri.group(1), cri.group(2) == "P")
    return Unwrapped(_message(rest[1:] if rest.startswith(" ") else rest, calendar), time, precision)


def _message(text: str, calendar: Calendar) -> str:
    """What a program that logs JSON says; the runtime's stamp around it stays the line's time."""
    logged = _from_json(text, calendar) if text.startswith("{") else None
    return logged.text if logged else text


def _from_json(text: str, calendar: Calendar) -> Optional[Unwrapped]:
    try:
        logged = json.loads(text)
    except ValueError:
        # Cut off by a log shipper: the first strings are still worth reading.
        return _from_broken_json(text, calendar)
    if not isinstance(logged, dict):
        return None
    message = next((logged[key] for key in _MESSAGE if isinstance(logged.get(key), str)), None)
    fields = logged.get("fields")
    if message is None and isinstance(fields, dict):
        message = fields.get("message")
    if not isinstance(message, str):
        return None
    time, precision = _time_of(logged, calendar)
    source = logged["stream"] if logged.get("stream") in ("stdout", "stderr") else "stdout"
    # docker cuts lines of more than 16 KiB: only the last piece ends in a newline.
    partial = "stream" in logged and "log" in logged and not message.endswith("\n")
    return Unwrapped(_speaker(logged) + visible(message) + _rank(logged), time, precision, source, partial)


def _from_broken_json(text: str, calendar: Calendar) -> Optional[Unwrapped]:
    message = re.search(r'"(?:message|msg|log)":"((?:[^"\\]|\\.)*)', text)
    stamp = re.search(r'"(?:timestamp|time|ts)":(?:"([^"]+)"|(\d+))', text)
    if not message:
        return None
    told = (stamp.group(1) or int(stamp.group(2))) if stamp else None
    time, precision = from_json(told, calendar) or (None, 1)
    target = re.search(r'"target":"([^"]+)"', text)
    speaker = f"{target.group(1)}: " if target else ""
    return Unwrapped(speaker + visible(message.group(1).replace("\\n", " ").replace('\\"', '"')), time, precision)


def _time_of(logged: Dict[str, Any], calendar: Calendar) -> Tuple[Optional[int], int]:
    for key in _TIME:
        read = from_json(logged.get(key), calendar)
        if read:
            return read
    return None, 1


def _speaker(logged: Dict[str, Any]) -> str:
    """The Rust module that logs, as the plain form has it before the message."""
    return f"{logged['target']}: " if isinstance(logged.get("target"), str) else ""


def _rank(logged: Dict[str, Any]) -> str:
    """Rust's tracing puts the rank into the span, where the plain form prints it behind the message."""
    span = logged.get("span")
    return f" rank={span['rank']}" if isinstance(span, dict) and "rank" in span else ""
