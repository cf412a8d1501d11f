"""``manage.py compare_samples FILE``: judge groups of values as the product judges groups of launches.

FILE is JSON, also gzipped: ``[{"comparison": name, "phases": [{"id", "baseline": [[ms, …] per run], "candidate": [[ms,
…] per run]}]}]``. Prints ``{name: {id: {"verdict", "ratio", "low", "high", "q"}}}``; what cannot be told is null.
"""

from __future__ import annotations

import gzip
import json
import zlib
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from diagnostics.analysis.sample_values import Runs, compare_values
from diagnostics.analysis.verdicts import Finding
from diagnostics.records import Floors, Verdict

NS_PER_MS = 1e6
MOST_MS = 1e15
_GZIP = b"\x1f\x8b"


class Command(BaseCommand):
    help = "Compare groups of values phase by phase, as launches are compared. Reads a JSON file, prints JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="comparisons as JSON, may be gzipped; - is standard input")
        parser.add_argument(
            "--floor-ms",
            type=float,
            default=0.0,
            help="least change in ms worth a flag. Default 0: FLOOR_NS is meant for the phases of whole launches, and "
            "bare values come without the total that says how long is long. FLOOR_RATIO always holds.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        floors = Floors(ratio=settings.FLOOR_RATIO, duration=round(options["floor_ms"] * NS_PER_MS))
        judged: dict[str, Any] = {}
        for place, comparison in enumerate(_comparisons(options["file"])):
            where = f"$[{place}]"
            if not isinstance(comparison, Mapping) or not isinstance(comparison.get("comparison"), str):
                raise CommandError(f"{where} needs a name: “comparison”, a string.")
            if comparison["comparison"] in judged:
                raise CommandError(f"{where}: there are two comparisons named “{comparison['comparison']}”.")
            judged[comparison["comparison"]] = _judged(comparison, where, floors)
        self.stdout.write(json.dumps(judged, ensure_ascii=False))


def _judged(comparison: Mapping[str, Any], where: str, floors: Floors) -> dict[str, Any]:
    found = compare_values(_phases(comparison.get("phases"), f"{where}.phases"), floors)
    return {name: _told(verdict, one) for name, (verdict, one) in found.items()}


def _told(verdict: Verdict, found: Finding | None) -> dict[str, Any]:
    if found is None:
        return {"verdict": str(verdict), "ratio": None, "low": None, "high": None, "q": None}
    return {"verdict": str(verdict), "ratio": found.ratio, "low": found.low, "high": found.high, "q": found.q}


def _comparisons(path: Path) -> list[Any]:
    try:
        content = Path("/dev/stdin").read_bytes() if str(path) == "-" else path.read_bytes()
        found = json.loads(gzip.decompress(content) if content.startswith(_GZIP) else content)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, EOFError, zlib.error, RecursionError) as error:
        raise CommandError(f"{path} is not JSON: {error}.") from error
    if not isinstance(found, list):
        raise CommandError(f"{path} must hold a list of comparisons.")
    return found


def _phases(told: Any, where: str) -> dict[str, tuple[Runs, Runs]]:
    if not isinstance(told, list):
        raise CommandError(f"{where} must be a list of phases.")
    phases: dict[str, tuple[Runs, Runs]] = {}
    for place, phase in enumerate(told):
        here = f"{where}[{place}]"
        if not isinstance(phase, Mapping) or not isinstance(phase.get("id"), str):
            raise CommandError(f"{here} needs an “id”, a string.")
        if phase["id"] in phases:
            raise CommandError(f"{here}: there are two phases named “{phase['id']}”.")
        phases[phase["id"]] = (
            _runs(phase.get("baseline"), f"{here}.baseline"),
            _runs(phase.get("candidate"), f"{here}.candidate"),
        )
    return phases


def _runs(told: Any, where: str) -> Runs:
    if not isinstance(told, list) or not all(isinstance(run, list) for run in told):
        raise CommandError(f"{where} must be a list of runs, each a list of ms.")
    return [
        [_value(value, f"{where}[{run}][{launch}]") for launch, value in enumerate(values)]
        for run, values in enumerate(told)
        if values
    ]


def _value(value: Any, where: str) -> float:
    # A comparison, unlike math.isfinite, also takes an integer too long for a float; NaN is never between.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_MS:
        raise CommandError(f"{where} must be a number of ms, 0 to {MOST_MS:.0e}.")
    return value * NS_PER_MS
