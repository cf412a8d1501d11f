"""``services.toml``: the dependencies that ``glmctl`` and ``diagnose`` know by name.

::

    [orders-db]
    url = "postgres://probe@db.internal:5432/orders"
    password_env = "ORDERS_DB_PASSWORD"     # never in the file itself
    timeouts = [3, 5, 10]

    [gateway]
    url = "https://gateway.internal/healthz"
    expect_status = 200
    expect_body = "OK"

The same subset of TOML is read on every Python (3.9 has no tomllib): tables of one level, and one-line values that are
a string, a whole number, a decimal, true or false, or a list of those. A file ending in ``.json`` holds
``{"orders-db": {"url": …}}`` instead.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

from diagnostics.agent.failure import NOTHING_FOUND, USAGE, Failure
from diagnostics.agent.messages import tr
from diagnostics.agent.probing.target import Target, parse

_FIELDS: Dict[str, Tuple[type, ...]] = {
    "url": (str,),
    "password_env": (str,),
    "timeouts": (list,),
    "expect_status": (int,),
    "expect_body": (str,),
    "tls_verify": (bool,),
}
_KEY = r"[A-Za-z0-9_.-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*'"
_TABLE = re.compile(rf"\[\s*(?P<name>{_KEY})\s*\]\s*(?:#.*)?")
_PAIR = re.compile(rf"(?P<key>{_KEY})\s*=\s*(?P<value>.*)")
_SCALAR = re.compile(
    r"(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<literal>'[^']*')|(?P<bool>true|false)\b|"
    r"(?P<float>[+-]?\d+\.\d+)(?![\w.])|(?P<int>[+-]?(?:0|[1-9]\d*))(?![\w.])"
)


@dataclass(frozen=True)
class Dependency:
    """A named target, with the timeouts (s) its owner wants compared."""

    target: Target
    timeouts: Tuple[float, ...] = ()


def find(name: str, path: str = "", environment: Optional[Mapping[str, str]] = None) -> Dependency:
    """A URL as it is, else the entry of this name. Raises Failure: USAGE for bad content, NOTHING_FOUND for none."""
    known = os.environ if environment is None else environment
    if "://" in name:
        return Dependency(parse(name))
    file = path or _usual_place(known)
    if not file:
        message = tr("“{name}” is not a URL, and there is no services.toml; see --services", name=name)
        raise Failure(message, NOTHING_FOUND)
    entries = read(Path(file))
    if name not in entries:
        listed = ", ".join(entries) or "–"
        raise Failure(
            tr("{file} has no entry “{name}”; it has {known}", file=file, name=name, known=listed), NOTHING_FOUND
        )
    return _dependency(name, entries[name], file, known)


def _usual_place(environment: Mapping[str, str]) -> str:
    given = environment.get("LAUNCHSCOPE_SERVICES")
    if given:
        return given
    home = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (Path("services.toml"), home / "launchscope" / "services.toml", Path("/etc/launchscope/services.toml"))
    return next((str(place) for place in places if place.is_file()), "")


def read(path: Path) -> Dict[str, Dict[str, Any]]:
    """The entries by name. Raises Failure that names the file and the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(tr("{file} cannot be read: {error}", file=path, error=error)) from None
    try:
        entries = json.loads(text) if path.suffix == ".json" else parse_toml(text)
    except ValueError as error:
        raise Failure(f"{path}: {error}", USAGE) from None
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise Failure(tr("{file}: every entry is a table with a url", file=path), USAGE)
    return entries


def parse_toml(text: str) -> Dict[str, Dict[str, Any]]:
    """The subset above. Raises ValueError with the line number and what is wrong there."""
    tables: Dict[str, Dict[str, Any]] = {}
    current: Optional[Dict[str, Any]] = None
    # Editors on Windows begin a file with a byte-order mark.
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        opened, pair = _TABLE.fullmatch(line), _PAIR.fullmatch(line)
        if opened:
            current = _open(tables, _unquoted(opened["name"]), number)
        elif pair and current is not None:
            _add(current, _unquoted(pair["key"]), pair["value"], number)
        else:
            raise ValueError(tr("line {number}: write [name], or key = value below one", number=number))
    return tables


def _open(tables: Dict[str, Dict[str, Any]], name: str, number: int) -> Dict[str, Any]:
    if name in tables:
        raise ValueError(tr("line {number}: [{name}] is there twice", number=number, name=name))
    return tables.setdefault(name, {})


def _add(table: Dict[str, Any], key: str, text: str, number: int) -> None:
    if key in table:
        raise ValueError(tr("line {number}: {key} is there twice", number=number, key=key))
    value, rest = _list(text) if text.startswith("[") else _scalar(text)
    if rest is None or (rest.strip() and not rest.strip().startswith("#")):
        raise ValueError(
            tr("line {number}: {text} is not a value read here; see docs/agent.md", number=number, text=text)
        )
    table[key] = value


def _scalar(text: str) -> Tuple[Any, Optional[str]]:
    """(value, what follows it), or (None, None) if there is none."""
    match = _SCALAR.match(text)
    if match is None:
        return None, None
    kind, found = str(match.lastgroup), match.group()
    rest = text[match.end() :]
    try:
        return {"bool": lambda: found == "true", "int": lambda: int(found), "float": lambda: float(found)}.get(
            kind, lambda: _unquoted(found)
        )(), rest
    except ValueError:
        return None, None


def _list(text: str) -> Tuple[Any, Optional[str]]:
    values: List[Any] = []
    rest = text[1:].lstrip()
    while not rest.startswith("]"):
        value, after = _scalar(rest)
        after = (after or "").lstrip()
        if value is None or after[:1] not in (",", "]"):
            return None, None
        values.append(value)
        rest = after[1:].lstrip() if after.startswith(",") else after
    return values, rest[1:]


def _unquoted(text: str) -> str:
    """A basic string's escapes are those of JSON, but for ``\\U``, which is refused as JSON refuses it."""
    if text.startswith('"'):
        return str(json.loads(text))
    return text[1:-1] if text.startswith("'") else text


def _dependency(name: str, entry: Mapping[str, Any], file: str, environment: Mapping[str, str]) -> Dependency:
    for key, value in entry.items():
        if (
            key not in _FIELDS
            or not isinstance(value, _FIELDS[key])
            or (isinstance(value, bool) and key != "tls_verify")
        ):
            known = ", ".join(_FIELDS)
            raise Failure(tr("{file}, [{name}]: {key} is not one of {known}, or is of the wrong type",
                             file=file, name=name, key=key, known=known), USAGE)  # fmt: skip
    if "url" not in entry:
        raise Failure(tr("{file}, [{name}]: there is no url", file=file, name=name), USAGE)
    target = parse(entry["url"])
    timeouts = entry.get("timeouts", [])
    # To Python, true is a number.
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0 for value in timeouts):
        raise Failure(tr("{file}, [{name}]: timeouts are seconds above zero", file=file, name=name), USAGE)
    given = target._replace(
        name=name,
        password=environment.get(entry.get("password_env", ""), target.password),
        expect_status=entry.get("expect_status", 0),
        expect_body=entry.get("expect_body", ""),
        tls_verify=entry.get("tls_verify", target.tls_verify),
    )
    return Dependency(given, tuple(sorted({float(value) for value in timeouts})))
