"""How well files are understood: by kind and version of the parser that read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from diagnostics.models.artifact import Artifact

# A rejected file was read by no parser to its end, so it stands by its kind alone.
HEALTH = """
SELECT kind, parser, count(*), count(*) FILTER (WHERE state = 'rejected'), count(*) FILTER (WHERE state = 'received'),
       coalesce(sum((lines->>'total')::int8) FILTER (WHERE state = 'parsed'), 0),
       coalesce(sum((lines->>'read')::int8) FILTER (WHERE state = 'parsed'), 0), max(received_at)
FROM diagnostics_artifact GROUP BY kind, parser ORDER BY kind, max(received_at) DESC
"""
WORST = """
SELECT id FROM diagnostics_artifact
WHERE state = 'rejected' OR (lines->>'skipped')::int8 > 0
ORDER BY state = 'rejected' DESC,
         (lines->>'skipped')::float8 / nullif((lines->>'total')::float8, 0) DESC NULLS LAST, received_at DESC
LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class ParserHealth:
    """What one version of a parser made of the files it was given; ``lines`` and ``read`` are over those it parsed."""

    kind: str
    parser: str
    artifacts: int
    rejected: int
    waiting: int
    lines: int
    read: int
    newest: datetime

    @property
    def match_rate(self) -> float | None:
        """Share of lines understood, 0..1; ``None`` before there are any."""
        return self.read / self.lines if self.lines else None


def parser_health() -> list[ParserHealth]:
    """Every kind and parser version that has an artifact. One query."""
    with connection.cursor() as cursor:
        cursor.execute(HEALTH)
        return [ParserHealth(*row) for row in cursor.fetchall()]


def worst_understood(model: type[Artifact], count: int) -> list[Artifact]:
    """Rejected files, then those with the greatest share of lines not understood. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(WORST, [count])
        ids = [row[0] for row in cursor.fetchall()]
    found = model._default_manager.select_related("host", "launch__service").in_bulk(ids)
    return [found[pk] for pk in ids]
