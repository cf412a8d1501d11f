"""SEL of the contract: launches chosen by id, or as the newest of a service that match."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from diagnostics.parsers.timestamps import instant
from diagnostics.querysets.launches import LaunchFilter
from diagnostics.records import LaunchStatus, ParseError

LAST_DEFAULT, LAST_MOST = 20, 200
PLAIN = ("service", "environment", "version", "host", "status", "start_class")
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


def parse_selector(text: str, where: str = "") -> Selector:
    """Read ``id[,id…]`` or ``key=value[,key=value…]``; keys are the list's filters, ``label.K`` and ``last``.

    Failed launches are left out unless ``status`` asks for them. Raises ``SelectorError``.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise SelectorError(f"Nothing is selected; give {EXAMPLE}", where)
    if "=" not in text:
        return Selector(ids=tuple(_uuid(part, where) for part in parts))
    chosen = dict(_pair(part, where) for part in parts)
    last = _last(chosen.pop("last", str(LAST_DEFAULT)), where)
    labels = {key.removeprefix("label."): chosen.pop(key) for key in list(chosen) if key.startswith("label.")}
    times = {key: _time(chosen.pop(key), where) for key in ("since", "until") if key in chosen}
    if unknown := chosen.keys() - set(PLAIN):
        raise SelectorError(f"“{min(unknown)}” is not a key of a selection; give {EXAMPLE}", where)
    chosen.setdefault("status", LaunchStatus.SUCCESS)
    return Selector(narrowed=LaunchFilter(**chosen, **times, labels=labels), last=last)


def _pair(part: str, where: str) -> tuple[str, str]:
    key, equals, value = part.partition("=")
    if not equals:
        raise SelectorError(f"“{part[:60]}” is neither key=value nor a list of ids; give {EXAMPLE}", where)
    return key.strip(), value.strip()


def _uuid(text: str, where: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise SelectorError(f"“{text[:60]}” is not a launch id; give {EXAMPLE}", where) from None


def _last(text: str, where: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LAST_MOST:
        raise SelectorError(f"last={text[:20]} is not a number from 1 to {LAST_MOST}", where)
    return int(text)


def _time(text: str, where: str) -> int:
    try:
        return int(text) if text.lstrip("-").isdecimal() else instant(text, where)
    except ParseError as error:
        raise SelectorError(error.message, where) from None
