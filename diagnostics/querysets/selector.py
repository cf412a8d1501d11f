"""SEL of the contract: launches chosen by id, or as the newest of a service that match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote
from uuid import UUID

from diagnostics.parsers.timestamps import moment
from diagnostics.querysets.launches import LaunchFilter
from diagnostics.records import ParseError

LAST_DEFAULT, LAST_MOST = 20, 200
KEYS = ("service", "environment", "version", "host", "status", "start_class", "since", "until", "last")
EXAMPLE = "launch ids, or service=open-autoglm,version=1.4.2,last=20"


class SelectorError(Exception):
    """A selection that cannot be read; ``where`` names the part."""

    code = "invalid_selector"

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where


@dataclass(frozen=True, slots=True)
class Selector:
    """Either ``ids``, or the ``last`` newest launches that match ``narrowed``."""

    ids: tuple[UUID, ...] = ()
    narrowed: LaunchFilter = field(default_factory=LaunchFilter)
    last: int = LAST_DEFAULT


def version_selector(service: str, environment: str, version: str, last: int = LAST_DEFAULT) -> str:
    """SEL for the newest launches of a version; what may hold a comma is percent-encoded."""
    chosen = {"service": service, "environment": environment, "version": version}
    return ",".join([*(f"{key}={quote(value, safe='')}" for key, value in chosen.items()), f"last={last}"])


def parse_selector(text: str, where: str = "") -> Selector:
    """Read ``id[,id…]`` or ``key=value[,key=value…]``; keys are the list's filters, ``label.K`` and ``last``.

    A value may be percent-encoded, and must be where it holds a comma.

    Without ``status`` failed launches count too: as times that are longer than seen. Raises ``SelectorError``.
    """
    if "\0" in text:
        raise SelectorError("A selection holds no NUL character", where)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise SelectorError(f"Nothing is selected; give {EXAMPLE}", where)
    if "=" not in text:
        return Selector(ids=tuple(_uuid(part, where) for part in parts))
    chosen = dict(_pair(part, where) for part in parts)
    if unknown := {key for key in chosen if key not in KEYS and not key.startswith("label.")}:
        raise SelectorError(f"“{min(unknown)}” is not a key of a selection; give {EXAMPLE}", where)
    return Selector(narrowed=_filter(chosen, where), last=_last(chosen.get("last", str(LAST_DEFAULT)), where))


def _filter(chosen: Mapping[str, str], where: str) -> LaunchFilter:
    return LaunchFilter(
        service=chosen.get("service"),
        environment=chosen.get("environment"),
        version=chosen.get("version"),
        host=chosen.get("host"),
        status=chosen.get("status"),
        start_class=chosen.get("start_class"),
        labels={key.removeprefix("label."): value for key, value in chosen.items() if key.startswith("label.")},
        since=_time(chosen["since"], where) if "since" in chosen else None,
        until=_time(chosen["until"], where) if "until" in chosen else None,
    )


def _pair(part: str, where: str) -> tuple[str, str]:
    key, equals, value = part.partition("=")
    if not equals:
        raise SelectorError(f"“{part[:60]}” is neither key=value nor a list of ids; give {EXAMPLE}", where)
    return key.strip(), unquote(value.strip())


def _uuid(text: str, where: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise SelectorError(f"“{text[:60]}” is not a launch id; give {EXAMPLE}", where) from None


def _last(text: str, where: str) -> int:
    if not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= LAST_MOST:
        raise SelectorError(f"last={text[:20]} is not a number from 1 to {LAST_MOST}", where)
    return int(text)


def _time(text: str, where: str) -> int:
    try:
        return moment(text, where)
    except ParseError as error:
        raise SelectorError(error.message, where) from None
