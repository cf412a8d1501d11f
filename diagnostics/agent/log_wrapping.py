"""Takes off what container runtimes and log shippers put around a program's own line: stamp, stream, service name.

Known: docker's json-file, CRI files, ``kubectl logs --timestamps`` and ``--prefix``, ``docker logs -t``, ``docker
compose logs``, journal and syslog lines, and programs that log JSON themselves.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from diagnostics.agent.lines import visible
from diagnostics.agent.stamps import Calendar, from_json

_COMPOSE = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*?[-_]\d+|[A-Za-z][\w.-]*) +\| ?")
_POD = re.compile(r"^\[pod/(?P<pod>[^/\]\s]+)/(?P<name>[^\]\s]+)\] ")
_CRI = re.compile(r" (stdout|stderr) ([FP])(?: |$)")
_MESSAGE = ("msg", "message", "log", "event", "text", "MESSAGE", "line", "@m", "@mt", "textPayload")
_TIME = (
    "time",
    "timestamp",
    "ts",
    "@timestamp",
    "asctime",
    "__REALTIME_TIMESTAMP",
    "t",
    "@t",
    "date",
    "datetime",
    "instant",
)
_LEVEL = ("level", "severity", "levelname", "log.level", "lvl", "loglevel", "PRIORITY", "s", "@l")
_LOGGER = ("logger", "logger_name", "log.logger", "component", "target", "c", "SYSLOG_IDENTIFIER", "name")
_DOCKER = {"log", "stream", "time", "attrs"}


class Unwrapped(NamedTuple):
    """``time`` is None for a line without a stamp; ``partial`` lines go on in the next one.

    ``level`` is what a program that logs JSON calls it (its word or number), ``logger`` who speaks where the line says
    so outside its text: a compose service, a container, a JSON logger. ``column`` is where a stamp that the program
    itself printed stands in ``text``, 0 for any other. ``damaged`` is a JSON line of which only a part could be read.
    """

    text: str
    time: Optional[int] = None
    precision: int = 1
    source: str = "stdout"
    partial: bool = False
    level: str = ""
    logger: str = ""
    column: int = 0
    damaged: bool = False


def unwrap(raw: str, calendar: Calendar, outer_only: bool = False) -> Unwrapped:
    """The program's own line. With ``outer_only`` only stamps that the runtime added count, not the program's own."""
    text = visible(raw)
    if "\r" in raw:
        redrawn = _redrawn(raw, text, calendar)
        if redrawn:
            return redrawn
    if text.startswith("{"):
        logged = _from_json(text, calendar)
        if logged:
            return logged
    prefix = _COMPOSE.match(text) or _POD.match(text)
    if prefix:
        return _plain(text[prefix.end() :], prefix["name"], calendar, outer_only)
    return _plain(text, "", calendar, outer_only)


def _redrawn(raw: str, last: str, calendar: Calendar) -> Optional[Unwrapped]:
    """A progress bar in a wrapping: its last state, ``last``, with what the runtime put before the first one."""
    first = visible(raw.rstrip("\r\n").partition("\r")[0])
    prefix = _COMPOSE.match(first) or _POD.match(first)
    inner = first[prefix.end() :] if prefix else first
    if first == last or not (prefix or calendar.leading(inner)):
        return None
    line = _plain(inner, prefix["name"] if prefix else "", calendar, outer_only=True)
    return line._replace(text=last)


def _plain(text: str, logger: str, calendar: Calendar, outer_only: bool) -> Unwrapped:
    stamp = calendar.leading(text)
    if stamp:
        line = _after_stamp(text[stamp.end :], Unwrapped("", stamp.time, stamp.precision), calendar)
    elif logger and text.startswith("{"):
        line = _from_json(text, calendar) or Unwrapped(text)
    else:
        stamp = None if outer_only else calendar.find(text)
        line = Unwrapped(text, stamp.time, stamp.precision, column=stamp.start) if stamp else Unwrapped(text)
    return line._replace(logger=logger) if logger else line


def _after_stamp(rest: str, line: Unwrapped, calendar: Calendar) -> Unwrapped:
    cri = _CRI.match(rest)
    if cri:
        line = line._replace(source=cri.group(1), partial=cri.group(2) == "P")
        return _message(rest[cri.end() :], line, calendar)
    return _message(rest[1:] if rest.startswith(" ") else rest, line, calendar)


def _message(text: str, line: Unwrapped, calendar: Calendar) -> Unwrapped:
    """What a program that logs JSON says; the runtime's stamp around it stays the line's time."""
    logged = _from_json(text, calendar) if text.startswith("{") and not line.partial else None
    if logged is None:
        return line._replace(text=text)
    return line._replace(text=logged.text, level=logged.level, logger=logged.logger)


def _from_json(text: str, calendar: Calendar) -> Optional[Unwrapped]:
    try:
        logged = json.loads(text)
    except (ValueError, RecursionError):
        # Cut off by a log shipper: the first strings are still worth reading.
        return _from_broken_json(text, calendar)
    if not isinstance(logged, dict):
        return None
    message = _said(logged)
    time, precision = _time_of(logged, calendar)
    if message is None:
        return _unworded(text, logged, time, precision)
    source = logged["stream"] if logged.get("stream") in ("stdout", "stderr") else "stdout"
    level, logger = _named(logged, _LEVEL), _named(logged, _LOGGER)
    if "stream" in logged and "log" in logged:
        line = Unwrapped("", time, precision, source, _is_piece(logged, message), level, logger)
        return _message(visible(message), line, calendar)
    return Unwrapped(
        _speaker(logged) + visible(message) + _rank(logged), time, precision, source, level=level, logger=logger
    )


def _is_piece(logged: Mapping[str, Any], message: str) -> bool:
    """docker cuts lines of more than 16 KiB: only the last piece ends in a newline. Log shippers take that off every
    line, but write more beside it, with CRI's tag where that matters."""
    if logged.keys() <= _DOCKER:
        return not message.endswith("\n")
    return logged.get("logtag") == "P"


def _said(logged: Mapping[str, Any]) -> Optional[str]:
    message = next((logged[key] for key in _MESSAGE if isinstance(logged.get(key), str)), None)
    fields = logged.get("fields")
    if message is None and isinstance(fields, dict):
        message = fields.get("message")
    return message if isinstance(message, str) else None


def _unworded(text: str, logged: Mapping[str, Any], time: Optional[int], precision: int) -> Optional[Unwrapped]:
    """A line of mere fields, as access logs print them: its time counts, its text is all of it."""
    if time is None:
        return None
    return Unwrapped(text, time, precision, level=_named(logged, _LEVEL), logger=_named(logged, _LOGGER))


def _named(logged: Mapping[str, Any], keys: Tuple[str, ...]) -> str:
    found = next((logged[key] for key in keys if isinstance(logged.get(key), (str, int))), "")
    return str(found)[:200]


def _from_broken_json(text: str, calendar: Calendar) -> Optional[Unwrapped]:
    message = re.search(r'"(?:message|msg|log)": ?"((?:[^"\\]|\\.)*)', text)
    stamp = re.search(r'"(?:timestamp|time|ts)": ?(?:"([^"]+)"|(\d+))', text)
    if not message:
        return None
    told = (stamp.group(1) or int(stamp.group(2)[:20])) if stamp else None
    time, precision = from_json(told, calendar) or (None, 1)
    target = re.search(r'"target":"([^"]+)"', text)
    level = re.search(r'"(?:level|severity|levelname)": ?"?(\w+)', text)
    speaker = f"{target.group(1)}: " if target else ""
    said = speaker + visible(message.group(1).replace("\\n", " ").replace('\\"', '"'))
    return Unwrapped(said, time, precision, level=level.group(1) if level else "", damaged=True)


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
