"""Settings as they should be and as they are.

::

    {"MODEL_LOAD_TIMEOUT": {"expected": "300", "actual": "60"}, "HF_HOME": {"expected": "/models", "actual": null}}

is what a snapshot's ``config`` holds too; ``{"expected": {…}, "actual": {…}}`` says the same by the other way round.
A table of names and values (JSON, ``.env``, INI) is what a launch had: its values are ``actual``, unless they stand in
an INI section ``[expected]``. Nested tables and sections become ``outer.inner``. Secrets are hidden as the agent hides
them; ``facts["different"]`` names the settings that differ, found before anything was hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.agent import masking
from diagnostics.parsers.document import finite, read_json
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.kubernetes.documents import first_object
from diagnostics.parsers.reading import Tally
from diagnostics.parsers.source import Source
from diagnostics.records import HostFacts, Lines, Parsed, ParseError

PARSER = "config/1"
SIDES = ("expected", "actual")
_SECTION = re.compile(r"\[([^\[\]]+)\]")
_PAIR = re.compile(r"(?:export\s+)?([A-Za-z_][\w.\-/]*)\s*=(.*)")
_COMMENT = re.compile(r"\s*(?:[#;].*)?$")
_LOUD = re.compile(r"(?:export\s+)?[A-Z][A-Z0-9_]*=")


def parse(content: bytes, hints: Hints) -> Parsed:
    """The settings. Raises ``ParseError`` for a document or a line that is neither a table nor a setting."""
    tally = Tally()
    if content.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"{"):
        values = dict(_of_json(read_json(content)))
        tally.total = len(values)
    elif not (values := _of_lines(Source.of(content), tally)):
        place = f"line {tally.unread[0]['line']}" if tally.unread else "line 1"
        raise ParseError("No setting can be read: write NAME=value, one a line, or JSON", place, "invalid_config")
    finite(values, "$")
    different = sorted(name for name, sides in values.items() if _differs(sides))
    return Parsed(
        parser=PARSER,
        config={name: _masked(name, sides) for name, sides in values.items()},
        host=HostFacts(hints.host) if hints.host else None,
        lines=tally.lines() if tally.total else Lines(),
        facts={"settings": len(values), "different": different, **tally.facts()},
    )


def recognise(head: bytes) -> bool:
    """JSON of settings with what is expected or actual of each; or lines of which each is a setting.

    A table of plain JSON values says nothing of what it is, so it is not taken for settings.
    """
    document = first_object(head)
    if document is not None:
        parts = [value for value in document.values() if isinstance(value, dict)]
        if set(document) <= set(SIDES):
            return bool(parts)
        # The last one may be cut.
        return len(parts) == len(document) > 0 and all(
            set(SIDES) & set(part) for part in parts[: max(1, len(parts) - 1)]
        )
    return _is_settings(head)


def _is_settings(head: bytes) -> bool:
    if b"\0" in head:
        return False
    lines = head.decode("utf-8", "replace").splitlines()
    lines = [line.strip() for line in (lines[:-1] if len(head) > 60_000 else lines) if not _COMMENT.fullmatch(line)]
    pairs = [line for line in lines if _PAIR.fullmatch(line)]
    if not pairs or len(pairs) + sum(bool(_SECTION.fullmatch(line)) for line in lines) < len(lines):
        return _is_environment(lines, pairs)
    return len(pairs) < len(lines) or any(_LOUD.match(line) for line in pairs)


def _is_environment(lines: list[str], pairs: list[str]) -> bool:
    """What ``env`` prints: a variable's value may have several lines."""
    loud = sum(bool(_LOUD.match(line)) for line in pairs)
    return loud >= 5 and loud * 2 > len(lines) and len(pairs) * 5 >= len(lines) * 4


def _of_json(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(document, dict):
        raise ParseError("The settings are not a table of names and values", "$", "invalid_config")
    if document and set(document) <= set(SIDES) and all(isinstance(value, dict) for value in document.values()):
        sides = {side: dict(_flat("", document.get(side, {}))) for side in SIDES}
        for name in dict.fromkeys([*sides["expected"], *sides["actual"]]):
            yield name, {side: sides[side][name] for side in SIDES if name in sides[side]}
        return
    for name, value in document.items():
        if isinstance(value, dict) and set(SIDES) & set(value):
            yield name, dict(value)
        else:
            yield from ((path, {"actual": inner}) for path, inner in _flat(name, value))


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else name, inner)
    else:
        yield prefix, value


def _of_lines(source: Source, tally: Tally) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    side, prefix = "actual", ""
    for number, line in enumerate(source.lines(), 1):
        tally.total += 1
        text = line.strip()
        if _COMMENT.fullmatch(text):
            continue
        if section := _SECTION.fullmatch(text):
            title = section[1].strip()
            side, prefix = (title, "") if title in SIDES else (side, f"{title}.")
        elif pair := _PAIR.fullmatch(text):
            found.setdefault(prefix + pair[1], {})[side] = _unquoted(pair[2].strip())
        else:
            tally.skip(number, masking.mask_text(line))
    return found


def _unquoted(value: str) -> str:
    """The value without its quotes; without them, also without a comment behind it."""
    if len(value) > 1 and value[0] in "\"'" and (end := value.find(value[0], 1)) > 0:
        return value[1:end]
    return re.sub(r"(?<!\s)\s+[#;].*$", "", value)


def _differs(sides: Mapping[str, Any]) -> bool:
    return "expected" in sides and "actual" in sides and _text(sides["expected"]) != _text(sides["actual"])


def _masked(name: str, sides: Mapping[str, Any]) -> dict[str, Any]:
    return {side: _hidden(name, value) for side, value in sides.items()}


def _hidden(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    shown = masking.mask_value(name, _text(value))
    return value if shown == _text(value) else shown


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
