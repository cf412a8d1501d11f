"""Settings as they should be against settings as they are."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from diagnostics.agent import masking, services_file
from diagnostics.agent.checks.check import FAILED, GOOD, Check
from diagnostics.agent.failure import IMPOSSIBLE, USAGE, Failure
from diagnostics.agent.messages import tr

_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][\w.-]*)=(?P<value>.*)")


def read(path: str) -> Dict[str, str]:
    """Expected settings: ``{"NAME": "value"}`` as JSON, ``NAME=value`` lines, or a services.toml-like table.

    Nested JSON becomes ``outer.inner``. Raises Failure for a file that cannot be read or is none of these.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(tr("{file} cannot be read: {error}", file=path, error=error), IMPOSSIBLE) from None
    try:
        if path.endswith(".json"):
            return _flat("", json.loads(text))
        return _flat("", services_file.parse_toml(text)) if path.endswith(".toml") else _lines(text)
    except ValueError as error:
        raise Failure(f"{path}: {error}", USAGE) from None


def environment_of(pid: int) -> Dict[str, str]:
    """What a process was started with. Raises Failure if it is not there, or not ours to look at."""
    try:
        content = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError as error:
        raise Failure(tr("process {pid} cannot be looked at: {error}", pid=pid, error=error.strerror)) from None
    pairs = (entry.partition(b"=") for entry in content.split(b"\0") if b"=" in entry)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def compare(expected: Mapping[str, str], actual: Mapping[str, str]) -> List[Check]:
    """One check per setting that differs or is missing; one for all if none does. Secrets are masked."""
    # Compared as they are, shown masked: two different secrets are a difference.
    wrong = [
        _difference(name, value, actual.get(name)) for name, value in expected.items() if actual.get(name) != value
    ]
    if wrong:
        return wrong
    return [Check("config", "config", GOOD, tr("{count} settings are as expected", count=len(expected)))]


def pairs(expected: Mapping[str, str], actual: Mapping[str, str]) -> Dict[str, Dict[str, Any]]:
    """The ``config`` of a snapshot: name → expected and actual, secrets masked; ``actual`` None where not set."""
    return {
        name: {"expected": masking.mask_value(name, value), "actual": _shown(name, actual.get(name))}
        for name, value in expected.items()
    }


def _difference(name: str, expected: str, actual: Optional[str]) -> Check:
    should, is_now = masking.mask_value(name, expected), _shown(name, actual)
    if is_now is None:
        message = tr("{name} is not set; expected “{expected}”", name=name, expected=should)
    else:
        message = tr("{name} is “{actual}”; expected “{expected}”", name=name, actual=is_now, expected=should)
    advice = tr("Set {name} to what is expected, or correct the expectation.", name=name)
    return Check("config", "config", FAILED, message, should, is_now, "", [f"{name}={is_now or ''}"], advice)


def _shown(name: str, value: Optional[str]) -> Optional[str]:
    return None if value is None else masking.mask_value(name, value)


def _flat(prefix: str, value: Any) -> Dict[str, str]:
    if isinstance(value, dict):
        found: Dict[str, str] = {}
        for name, inner in value.items():
            found.update(_flat(f"{prefix}.{name}" if prefix else str(name), inner))
        return found
    if not prefix:
        raise ValueError(tr("the settings are not a table of names and values"))
    return {prefix: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}


def _lines(text: str) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(tr("line {number}: write NAME=value", number=number))
        value = match["value"].strip()
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        found[match["name"]] = value[1:-1] if quoted else value
    return found
