"""The launches of two sides as columns: which run and which start class each belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from diagnostics.analysis.measured_table import BASELINE, CANDIDATE, HISTORY, Floats, Places, Table, table
from diagnostics.records import Sample

UNTOLD = ("", "unknown")


@dataclass(frozen=True, slots=True)
class Sides:
    """Baseline first, then candidate, then history; ``side``, ``run`` and ``stratum`` tell of each launch."""

    launches: Sequence[Sample]
    side: Places
    run: Places
    stratum: Places
    notes: Sequence[str]

    @property
    def counts(self) -> tuple[int, int]:
        """How many launches each side has."""
        return int((self.side == BASELINE).sum()), int((self.side == CANDIDATE).sum())

    @property
    def runs(self) -> tuple[int, int]:
        """How many deploys, days or machines each side has; as units, start classes part them further."""
        told = list(zip(self.side.tolist(), (one.run for one in self.launches), strict=True))
        before, after = (len({run for own, run in told if own == side}) for side in (BASELINE, CANDIDATE))
        return before, after

    @property
    def has_runs(self) -> bool:
        """Are there runs enough to be the unit?"""
        return self.table(np.zeros((1, len(self.launches)))).shared().has_runs

    @property
    def compared(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """The launches of the two sides, without those of history."""
        return np.asarray(self.side < HISTORY)

    def matched(self) -> tuple[Sequence[Sample], Sequence[Sample]] | None:
        """Both sides with as many launches of each start class, so that their medians are of the same mixture: of the
        classes that both have, the fewer launches are repeated evenly. ``None`` where there is but one class."""
        own = [np.flatnonzero(self.side == side) for side in (BASELINE, CANDIDATE)]
        shared = set(self.stratum[own[0]].tolist()) & set(self.stratum[own[1]].tolist())
        if not shared or len(set(self.stratum[self.compared].tolist())) == 1:
            return None
        chosen: tuple[list[Sample], list[Sample]] = ([], [])
        for stratum in sorted(shared):
            here = [places[self.stratum[places] == stratum].tolist() for places in own]
            most = max(map(len, here))
            for side, places in zip(chosen, here, strict=True):
                side += [self.launches[places[number * len(places) // most]] for number in range(most)]
        return chosen

    def durations(self, paths: Sequence[str]) -> Floats:
        """Rows of phases, columns of launches, in ns; NaN where a launch lacks the phase, 0 where its side does (and
        the launch got ready: what a failed one would have taken, nobody knows)."""
        rows = np.array([[one.durations.get(path, np.nan) for path in paths] for one in self.launches], dtype=float)
        values = np.ascontiguousarray(rows.reshape(len(self.launches), len(paths)).T)
        ready = np.array([not one.censored for one in self.launches])
        for side in (BASELINE, CANDIDATE):
            columns = self.side == side
            lacking = np.isnan(values[:, columns]).all(axis=1)
            values[np.ix_(lacking, columns & ready)] = 0.0
        return values

    def table(self, values: Floats) -> Table:
        return table(values, self.side, self.run, self.stratum)


def sides(baseline: Sequence[Sample], candidate: Sequence[Sample], history: Sequence[Sequence[Sample]]) -> Sides:
    """``history``: groups of other launches, inside each of which nothing is known to have changed."""
    groups = (baseline, candidate, *history)
    launches = [one for group in groups for one in group]
    side = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    classes, notes = _classes(launches, side)
    numbers: dict[tuple[int, str, str], int] = {}
    keys = zip(side.tolist(), classes, (one.run for one in launches), strict=True)
    run = np.array([numbers.setdefault(key, len(numbers)) for key in keys])
    order = {name: place for place, name in enumerate(sorted(set(classes)))}
    return Sides(launches, side, run, np.array([order[name] for name in classes]), notes)


def _classes(launches: Sequence[Sample], side: Places) -> tuple[list[str], list[str]]:
    """The start class of each launch as its stratum. Where the sides share none because some are not known, one for
    all: a launch of unknown class may be of either."""
    told = ["" if one.start_class in UNTOLD else one.start_class for one in launches]
    of = [{name for name, one in zip(told, side.tolist(), strict=True) if one == which} for which in (0, 1)]
    if not of[0] & of[1] and "" in of[0] | of[1]:
        return [""] * len(told), ["Start classes are not known on one side: cold and warm starts may be mixed."]
    return told, list(_class_notes(of[0], of[1]))


def _class_notes(before: set[str], after: set[str]) -> Iterator[str]:
    if not before & after:
        yield (
            f"The baseline holds {_named(before)} starts only, the candidate {_named(after)} starts only: "
            "they cannot be compared."
        )
        return
    for name, alone in (("baseline", before - after), ("candidate", after - before)):
        if alone:
            yield f"Only the {name} has {_named(alone)} starts: they are left out."
    if len(before & after) > 1:
        kinds = _named(before & after).capitalize()
        yield f"{kinds} starts are compared each with their own kind, then taken together."


def _named(classes: set[str]) -> str:
    return " and ".join(name or "unclassified" for name in sorted(classes))
