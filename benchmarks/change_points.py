"""Change points: how well they are found on labelled series, how often where nothing changed, and how fast."""

from __future__ import annotations

import csv
import gzip
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.change_point_scores import MARGIN, f1, tcpd_cover, tcpd_f1
from benchmarks.instance import Instance
from benchmarks.measurement import Measurement
from diagnostics.analysis.change_points import Alarm, Watch, Watches, change_points
from diagnostics.analysis.change_points.judging import judge
from diagnostics.analysis.change_points.watched import Kept, Watched

DATA = Path(__file__).resolve().parents[2] / "shared/regression-data"
_HISTORY = 10_000
_LARGE = 0.2

Series = dict[str, Any]


def measure(instance: Instance | None) -> Iterator[Measurement]:
    if not DATA.is_dir():
        print(f"{DATA} is not there: change_points is not measured.", file=sys.stderr)
        return
    yield from looking_back(_labelled())
    yield from looking_on([*_labelled(), *drawn(400, seed=1)])
    yield tcpd()
    yield online()
    yield from watching()


def looking_back(series: Sequence[Series]) -> Iterator[Measurement]:
    begun = time.perf_counter()
    found = [[point.index for point in change_points(one["samples"])] for one in series]
    spent = time.perf_counter() - begun
    points = sum(len(one["samples"]) for one in series)
    pairs = list(zip(found, (one["change_points"] for one in series), strict=True))
    unchanged = [bool(ours) for ours, truth in pairs if not truth]
    told: dict[str, Any] = {"series": len(series), "margin": MARGIN}
    of = "the best public method here (E-divisive, 0.01)"
    yield Measurement("change_points.f1", 100 * f1(pairs), "%", 88.8, of, 93, "rate", told)
    flagged = 100 * sum(unchanged) / len(unchanged)
    yield Measurement("change_points.null", flagged, "% of unchanged series", 4, of, 2, "value", told)
    fresh = 100 * f1((_found(one), one["change_points"]) for one in drawn(400, seed=1))
    yield Measurement("change_points.drawn.f1", fresh, "%", 93.1, of, 93, "rate", {"series": 400, "seed": 1})
    yield Measurement("change_points.speed", 1000 * spent / points, "s per 1,000 runs", 1.9, of, 0.1)


def looking_on(series: Sequence[Series]) -> Iterator[Measurement]:
    """Fed run by run; a large step is found by an alarm that is not early and places it within the margin."""
    raised = _replayed([one["samples"] for one in series])
    unchanged = [bool(alarms) for one, alarms in zip(series, raised, strict=True) if not one["change_points"]]
    delays = [_delay(point, alarms) for one, alarms in zip(series, raised, strict=True) for point in _large(one)]
    seen = [delay for delay in delays if delay is not None]
    told = {"series": len(series), "steps": len(delays), "smallest_step": _LARGE}
    of = "step detection of asv, run again at every run"
    alarmed = 100 * sum(unchanged) / len(unchanged)
    yield Measurement("change_points.replay.null", alarmed, "% of unchanged series", 5, of, 5, "value", told)
    missed = len(delays) - len(seen)
    share = 100 * len(seen) / len(delays)
    yield Measurement(
        "change_points.replay.found", share, "%", 100 * 34 / 36, of, 100, "rate", {**told, "missed": missed}
    )
    yield Measurement("change_points.replay.delay", statistics.median(seen), "runs", 2, of, 3.5, "value", told)


def tcpd() -> Measurement:
    labels = json.loads((DATA / "tcpd/labels.json").read_bytes())
    scores, covers = [], []
    for file in sorted((DATA / "tcpd/series").glob("*.json")):
        one = json.loads(file.read_bytes())
        if one["n_dim"] == 1:
            values = [[] if value is None else [value] for value in one["series"][0]]
            found = [point.index for point in change_points(values)]
            scores.append(tcpd_f1(labels[one["name"]], found))
            covers.append(tcpd_cover(labels[one["name"]], found, len(values)))
    told = {"series": len(scores), "cover": round(100 * statistics.mean(covers), 1), "cover_of_limit": 67.2}
    of = "the best published default (binary segmentation)"
    return Measurement("change_points.tcpd.f1", 100 * statistics.mean(scores), "%", 69.8, of, 69.8, "rate", told)


def online() -> Measurement:
    """One new run of one series, its 10,000 runs of history behind it; and of 1,000 phases side by side."""
    draw = np.random.default_rng(1)
    runs = draw.lognormal(6, 0.1, (_HISTORY, 10)).tolist()
    watch = Watch()
    for run in runs:
        watch.advance(run)
    begun = time.perf_counter()
    for run in runs[:200]:
        watch.advance(run)
    each = (time.perf_counter() - begun) / 200
    told = {"history": _HISTORY, "phases_1000_ms": round(1000 * _side_by_side(draw), 1)}
    limit = _all_again(runs)
    return Measurement(
        "change_points.online", 1000 * each, "ms", 1000 * limit, "looking back over all again", 5, extra=told
    )


def watching() -> Iterator[Measurement]:
    """What the product does with a judged launch: take it in, look, and make what is stored."""
    each, thousand = _watched(1, _HISTORY), _watched(1000, 130)
    of = "looking back over all again"
    told = {"history": _HISTORY}
    yield Measurement("change_points.watched", 1000 * each, "ms a launch of one series", 5, of, 5, extra=told)
    told = {"phases": 1000}
    yield Measurement("change_points.watched.phases", 1000 * thousand, "ms a launch", 5000, of, 50, extra=told)


def _watched(series: int, history: int) -> float:
    draw = np.random.default_rng(2)
    watched = Watched()
    spent = []
    for number in range(history + 20):
        took = {row: int(ns) for row, ns in enumerate(1e9 * draw.lognormal(0, 0.1, series))}
        begun = time.perf_counter()
        facts, raw, settled = watched.state()
        watched = Watched.restored(facts, raw, settled)
        watched.join(Kept(str(number), number * 10**9, "run", "run"), took)
        if number >= history:
            judge(watched, took, {})
            spent.append(time.perf_counter() - begun)
    return statistics.median(spent)


def _side_by_side(draw: np.random.Generator) -> float:
    launches = draw.lognormal(6, 0.1, (130, 1000, 1)).tolist()
    watches = Watches(1000)
    for launch in launches[:120]:
        watches.advance(launch)
    begun = time.perf_counter()
    for launch in launches[120:]:
        watches.advance(launch)
    return (time.perf_counter() - begun) / 10


def _all_again(runs: list[list[float]]) -> float:
    begun = time.perf_counter()
    change_points(runs)
    return time.perf_counter() - begun


def _found(one: Series) -> list[int]:
    return [point.index for point in change_points(one["samples"])]


def _replayed(series: Sequence[list[list[float]]]) -> list[list[Alarm]]:
    watches = Watches(len(series))
    raised: list[list[Alarm]] = [[] for _ in series]
    for index in range(max(map(len, series))):
        runs = [runs[index] if index < len(runs) else [] for runs in series]
        for own, alarm in zip(raised, watches.advance(runs), strict=True):
            if alarm and alarm.confirmed:
                own.append(alarm)
    return raised


def _large(one: Series) -> list[int]:
    """Change points of at least 20 %, whichever the direction: 1 / 1.2 is as large as 1.2."""
    sizes = zip(one["change_points"], one["magnitudes"], strict=True)
    return [point for point, size in sizes if max(1 + size, 1 / (1 + size)) > 1 + _LARGE - 1e-6]


def _delay(point: int, alarms: Sequence[Alarm]) -> int | None:
    near = (alarm.at - point for alarm in alarms if alarm.at >= point and abs(alarm.change_point - point) <= MARGIN)
    return next(near, None)


@cache
def _labelled() -> list[Series]:
    series: list[Series] = json.loads(gzip.decompress((DATA / "coldstart/steps.json.gz").read_bytes()))
    return series


def drawn(count: int, seed: int) -> list[Series]:
    """More series of the same kind: 100 days of one configuration, permuted, with no, one or two steps put in."""
    draw = np.random.default_rng(seed)
    long = [days for days in _days() if len(days) >= 100]
    return [_stepped(long[draw.integers(len(long))], draw) for _ in range(count)]


def _stepped(days: list[list[float]], draw: np.random.Generator) -> Series:
    start = draw.integers(len(days) - 99)
    runs = [days[start + place] for place in draw.permutation(100)]
    points: list[int] = []
    if draw.random() < 0.5:
        first = int(draw.integers(15, 86))
        points = [first]
        if draw.random() < 0.14 and first <= 70:
            points.append(int(draw.integers(first + 15, 86)))
    ratios = [float(draw.choice([1.05, 1.1, 1.2, 1.3])) ** int(draw.choice([1, 1, -1])) for _ in points]
    for point, ratio in zip(points, ratios, strict=True):
        runs[point:] = [[value * ratio for value in run] for run in runs[point:]]
    return {"change_points": points, "magnitudes": [ratio - 1 for ratio in ratios], "samples": runs}


@cache
def _days() -> list[list[list[float]]]:
    """The launches of every day of every configuration, days with fewer than eight left out."""
    configurations: dict[tuple[str, ...], list[list[float]]] = {}
    text = gzip.decompress((DATA / "coldstart/launches-2024-2025.csv.gz").read_bytes()).decode()
    for row in csv.DictReader(text.splitlines()):
        launches = [float(value) for value in row["init_ms"].split(";") if value]
        key = (row["display"], row["package"], row["arch"], row["memory"])
        if len(launches) >= 8:
            configurations.setdefault(key, []).append(launches)
    return list(configurations.values())
