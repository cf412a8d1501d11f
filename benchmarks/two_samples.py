"""Is a change between two groups told, and nothing told where nothing changed: on the shared, labelled data.

Calls what ``manage.py compare_samples`` calls. "Days": one configuration a phase, real cold starts. "Imports": 459
launches of one unchanged program with 622 phases each. What is injected is put on a tenth of the phases.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.instance import Instance
from benchmarks.measurement import Measurement
from diagnostics.analysis.comparison import compare
from diagnostics.analysis.sample_values import compare_values
from diagnostics.records import Floors, Sample, Verdict

DATA = Path(__file__).parents[2] / "shared" / "regression-data" / "coldstart"
TIMES, SHARE, SEED = 200, 0.1, 20_261_123
FLAGGED = (Verdict.REGRESSED, Verdict.IMPROVED)
LIMMA = "limma's moderated t, no factor taken out"

Floats = NDArray[np.float64]
# (phases, runs, launches) of each side.
Groups = tuple[Floats, Floats]
Draw = Callable[[np.random.Generator], Groups]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of 1; ``false`` is of unchanged phases, ``fdr`` of all flags, ``any`` of comparisons."""

    power: float
    fdr: float
    false: float
    any: float


def measure(instance: Instance | None) -> Iterator[Measurement]:
    if not DATA.is_dir():
        print(f"{DATA} is not there: two_samples is not measured.", file=sys.stderr)
        return
    days, imports = _days(), _imports()
    yield from _one_run(days)
    yield from _launches(imports)
    for runs in (3, 5, 10):
        apart = scored(_apart(days, runs), 0)
        yield _at_most(f"two_samples.days_apart.{runs}.comparisons_flagged", apart.any, 5, 100, "any public test")
    for effect in (0.5, 1.0):
        seen = scored(_apart(days, 3), effect)
        name = f"two_samples.days_apart.3.power_{effect * 100:.0f}"
        yield Measurement(name, 100 * seen.power, "%", 0, "no bar: what certainty costs", 0, "rate")
    yield _speed()


def _one_run(days: Floats) -> Iterator[Measurement]:
    unchanged = scored(_one_day(days, 5), 0)
    yield _at_most("two_samples.5.false", unchanged.false, 0.05, 0.0, LIMMA)
    medians = np.nanmedian(days, axis=2)[:, :, None]
    for effect, bar in ((0.1, 36), (0.2, 61)):
        name = f"two_samples.5.power_{effect * 100:.0f}"
        yield _at_least(name, scored(_near_days(medians, 5), effect).power, bar, bar, LIMMA)
    for name, draw in (("one_day", _one_day(days, 3)), ("near_days", _near_days(medians, 3))):
        yield _at_most(f"two_samples.3.fdr.{name}", scored(draw, 0.2).fdr, 5, 14, LIMMA)


def _launches(imports: Floats) -> Iterator[Measurement]:
    yield _at_most("two_samples.imports.5.false", scored(_any_launches(imports, 5), 0).false, 0.05, 0.20, LIMMA)
    slowed = scored(_any_launches(imports, 5), 0.5)
    yield _at_least("two_samples.imports.5.power_50", slowed.power, 33, 12, LIMMA)
    yield _at_most("two_samples.imports.5.fdr", slowed.fdr, 5, 49, LIMMA)
    yield _at_most("two_samples.imports.3.fdr", scored(_any_launches(imports, 3), 1.0).fdr, 5, 28, LIMMA)
    ten = scored(_any_launches(imports, 10), 0.5)
    yield _at_least("two_samples.imports.10.power_50", ten.power, 71, 71, LIMMA)
    yield _at_most("two_samples.imports.10.fdr", ten.fdr, 5, 2, LIMMA)


def scored(draw: Draw, effect: float, times: int = TIMES) -> Score:
    """Means over ``times`` seeded comparisons."""
    random = np.random.default_rng(SEED)
    told = np.array([_judged(draw(random), effect, random) for _ in range(times)], dtype=np.float64)
    hits, changed, false, unchanged = told.T
    flags = np.maximum(hits + false, 1)
    return Score(
        power=float(hits.sum() / max(changed.sum(), 1)),
        fdr=float((false / flags).mean()),
        false=float(false.sum() / unchanged.sum()),
        any=float(np.mean(hits + false > 0)),
    )


def _judged(groups: Groups, effect: float, random: np.random.Generator) -> tuple[int, int, int, int]:
    """How many changed phases were flagged, of how many; how many others, of how many."""
    before, after = groups
    changed = np.zeros(len(before), dtype=bool)
    if effect:
        changed[random.choice(len(before), round(SHARE * len(before)), replace=False)] = True
    slowed = after * np.where(changed, 1 + effect, 1.0)[:, None, None]
    phases = {str(row): (_runs(before[row]), _runs(slowed[row])) for row in range(len(before))}
    judged = compare_values(phases, Floors(duration=0))
    flagged = np.array([verdict in FLAGGED for verdict, _ in judged.values()])
    return int((flagged & changed).sum()), int(changed.sum()), int((flagged & ~changed).sum()), int((~changed).sum())


def _runs(values: Floats) -> list[list[float]]:
    return [[1e6 * value for value in run if value == value] for run in values.tolist()]


def _one_day(days: Floats, launches: int) -> Draw:
    """The ten launches of a day, shuffled and split: one run a side."""

    def draw(random: np.random.Generator) -> Groups:
        while True:
            day = days[:, random.integers(days.shape[1])]
            whole = day[~np.isnan(day).any(axis=1)]
            if len(whole) >= 80:
                break
        mixed = random.permuted(whole, axis=1)
        return mixed[:, None, :launches], mixed[:, None, launches : 2 * launches]

    return draw


def _near_days(medians: Floats, launches: int, within: int = 20) -> Draw:
    """One value a day, days drawn out of twenty: as independent as real values get, as one run a side."""

    def draw(random: np.random.Generator) -> Groups:
        first = random.integers(medians.shape[1] - within)
        chosen = first + random.permutation(within)[: 2 * launches]
        values = medians[:, chosen, 0]
        values = values[~np.isnan(values).any(axis=1)]
        return values[:, None, :launches], values[:, None, launches:]

    return draw


def _any_launches(imports: Floats, launches: int) -> Draw:
    def draw(random: np.random.Generator) -> Groups:
        chosen = imports[:, random.permutation(imports.shape[1])[: 2 * launches]]
        return chosen[:, None, :launches], chosen[:, None, launches:]

    return draw


def _apart(days: Floats, runs: int, gap: int = 30) -> Draw:
    """Days in a row as the runs of a side, and as many 30 days later."""

    def draw(random: np.random.Generator) -> Groups:
        first = random.integers(days.shape[1] - gap - runs)
        before, after = days[:, first : first + runs], days[:, first + gap : first + gap + runs]
        told = [(~np.isnan(side)).any(axis=2) for side in (before, after)]
        kept = np.all(np.concatenate(told, axis=1), axis=1)
        return before[kept], after[kept]

    return draw


def _speed() -> Measurement:
    random = np.random.default_rng(SEED)
    sides = [[_launch(random) for _ in range(20)] for _ in range(2)]
    seen = []
    for _ in range(5):
        begin = time.perf_counter()
        compare(sides[0], sides[1], Floors())
        seen.append(1_000 * (time.perf_counter() - begin))
    return Measurement("two_samples.compare_200_phases", min(seen), "ms", 100, "a page of 0.1 s", 100)


def _launch(random: np.random.Generator) -> Sample:
    took = {f"phase-{n}": round(5e7 * value) for n, value in enumerate(random.lognormal(0, 0.1, 200).tolist())}
    return Sample("", sum(took.values()), 0, took, took)


def _at_most(figure: str, share: float, bar: float, limit: float, limit_of: str) -> Measurement:
    return Measurement(figure, 100 * share, "%", limit, limit_of, bar)


def _at_least(figure: str, share: float, bar: float, limit: float, limit_of: str) -> Measurement:
    return Measurement(figure, 100 * share, "%", limit, limit_of, bar, "rate")


def _days() -> Floats:
    """(configurations, days, 10 launches) in ms; NaN where there is none."""
    with gzip.open(DATA / "launches-2024-2025.csv.gz", "rt", encoding="utf-8") as lines:
        told = list(csv.DictReader(lines))
    names = {name: place for place, name in enumerate(sorted({_configuration(row) for row in told}))}
    dates = {date: place for place, date in enumerate(sorted({row["date"] for row in told}))}
    values = np.full((len(names), len(dates), 10), np.nan)
    for row in told:
        took = [float(value) for value in row["init_ms"].split(";")][:10]
        values[names[_configuration(row)], dates[row["date"]], : len(took)] = took
    return values


def _configuration(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[field] for field in ("display", "package", "arch", "memory"))


def _imports() -> Floats:
    """(phases, launches): each module's own time in ms."""
    with gzip.open(DATA / "imports-celery.jsonl.gz", "rt", encoding="utf-8") as lines:
        launches = [json.loads(line)["modules"] for line in lines]
    names = sorted(set.intersection(*(set(launch) for launch in launches)))
    return np.array([[launch[name][0] / 1e3 for launch in launches] for name in names], dtype=np.float64)
