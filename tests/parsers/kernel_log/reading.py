"""Kernel logs as text, read whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diagnostics.parsers import Hints, Source, collect
from diagnostics.parsers.kernel_log import parse
from diagnostics.records import Category, Event, Parsed

RECEIVED = 1_795_500_000_000_000_000  # 24 November 2026
SECOND = 1_000_000_000


def read(content: str | bytes, **hints: Any) -> Parsed:
    content = content.encode() if isinstance(content, str) else content
    return collect(parse(Source.of(content), Hints(received_at=RECEIVED, **hints)))


def of_category(parsed: Parsed, category: Category) -> Sequence[Event]:
    return [event for event in parsed.events if event.category is category]


def the_kill(*lines: str) -> dict[str, Any]:
    """The fields of the one kill that lines without a stamp tell of."""
    (event,) = of_category(read("\n".join(lines)), Category.OOM_KILL)
    return dict(event.fields)
