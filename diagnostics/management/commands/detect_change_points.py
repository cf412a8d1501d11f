"""``detect_change_points FILE [--replay] [--method perfherder]``: the change points of many series, as JSON.

FILE, plain or gzip, holds a list of ``{"id": …, "samples": [[ms of each launch] of each run]}``; a run may be one
number, ``null`` or empty, and NaN is left out. Printed: ``{id: {"change_points": [run indices], "alarms": [{"at",
"change_point"}]}}``, the alarms only with ``--replay``, as they would have been raised had the runs come one by one.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from diagnostics.analysis.change_points import Watches, change_points, perfherder_alerts

Runs = list[list[float]]


class Command(BaseCommand):
    help = "Print the change points of the series in a file, with the settings that the product runs with."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a list of {id, samples: [[ms per launch] per run]}, JSON or .gz")
        parser.add_argument("--replay", action="store_true", help="also feed the runs one by one and print the alarms")
        parser.add_argument(
            "--method", choices=("own", "perfherder"), default=settings.CHANGE_POINTS, help="default: CHANGE_POINTS"
        )

    def handle(self, *, file: Path, replay: bool, method: str, **_: Any) -> None:
        if replay and method == "perfherder":
            raise CommandError("Perfherder looks back only: leave out --replay.")
        series = _series(file)
        found: dict[str, dict[str, Any]] = {
            name: {"change_points": perfherder_alerts(runs) if method == "perfherder" else _found(runs)}
            for name, runs in series.items()
        }
        if replay:
            for name, alarms in zip(series, _alarms(list(series.values())), strict=True):
                found[name]["alarms"] = alarms
        self.stdout.write(json.dumps(found))


def _found(runs: Runs) -> list[int]:
    return [point.index for point in change_points(runs)]


def _alarms(series: Sequence[Runs]) -> list[list[dict[str, int]]]:
    """All series watched side by side; those that have ended get no more runs."""
    watches = Watches(len(series))
    raised: list[list[dict[str, int]]] = [[] for _ in series]
    for runs in zip_longest(*series, fillvalue=[]):
        for own, alarm in zip(raised, watches.advance(runs), strict=True):
            if alarm and alarm.confirmed:
                own.append({"at": alarm.at, "change_point": alarm.change_point})
    return raised


def _series(file: Path) -> dict[str, Runs]:
    try:
        content = file.read_bytes()
        document = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror or error}.") from error
    except (EOFError, ValueError, zlib.error, RecursionError) as error:
        raise CommandError(f"{file} is not JSON: {error}.") from error
    if not isinstance(document, list):
        raise CommandError(f"{file} holds no list of series.")
    series = [_one(file, place, entry) for place, entry in enumerate(document)]
    if len(dict(series)) < len(series):
        raise CommandError(f"{file} has two series of one id.")
    return dict(series)


def _one(file: Path, place: int, entry: Any) -> tuple[str, Runs]:
    if not isinstance(entry, dict) or "id" not in entry or not isinstance(entry.get("samples"), list):
        raise CommandError(f"{file}: entry {place} is not a series: it needs an “id” and a list of “samples”.")
    try:
        return str(entry["id"]), [_run(run) for run in entry["samples"]]
    except (TypeError, ValueError, OverflowError) as error:
        raise CommandError(f"{file}: series “{entry['id']}” has a run that is not a list of numbers.") from error


def _run(run: Any) -> list[float]:
    values = run if isinstance(run, list) else [run]
    if any(isinstance(value, str | bool) for value in values):
        raise TypeError
    return [float(value) for value in values if value is not None]
