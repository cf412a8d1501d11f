"""What a kind of channel is: how it words a message, who carries it, how often it may be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.delivery.message import Message


@dataclass(frozen=True, slots=True)
class Place:
    """Where to, with the secrets in clear; never kept, never logged."""

    language: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str]

    def __repr__(self) -> str:
        return "Place(…)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. ``error`` is a sentence and may hold secrets until it is masked."""

    arrived: bool
    error: str = ""
    again: bool = True  # whether trying once more makes sense
    throttled: bool = False  # too fast, not wrong
    after: float | None = None  # seconds to wait at least, as the receiver said


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many requests in so many seconds."""

    most: int
    seconds: float


class Carrier:
    """Carries one piece to its place. ``key`` is the same when a message is sent again, for receivers that can tell."""

    def __init__(self, place: Place, piece: Any, key: str) -> None:
        self.place = place
        self.piece = piece
        self.key = key

    def carry(self) -> Outcome:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Kind:
    pieces: Callable[[Message, Place], Sequence[Any]]
    carrier: type[Carrier]
    rates: Sequence[Rate]
