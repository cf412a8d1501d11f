from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagnostics.analysis.launch_sides import sides
from diagnostics.records import Sample
from tests.analysis.samples import sample

ONE = sample({"a": 5})


def of(*classes: str, run: str = "") -> list[Sample]:
    return [replace(ONE, start_class=name, run=run) for name in classes]


def test_runs_belong_to_a_side() -> None:
    found = sides(of("cold", "cold", run="monday"), of("cold", run="monday"), [])
    assert found.counts == (2, 1)
    assert found.runs == (1, 1)
    assert found.run[0] == found.run[1] != found.run[2]


def test_classes_are_strata() -> None:
    found = sides(of("cold", "warm"), of("cold"), [])
    assert found.stratum[0] == found.stratum[2] != found.stratum[1]
    assert found.notes == ["Only the baseline has warm starts: they are left out."]
    both = sides(of("cold", "warm"), of("cold", "warm"), [])
    assert both.notes == ["Cold and warm starts are compared each with their own kind, then taken together."]


def test_cold_against_warm_cannot_be_compared() -> None:
    [note] = sides(of("cold"), of("warm"), []).notes
    assert note == "The baseline holds cold starts only, the candidate warm starts only: they cannot be compared."


def test_unknown_classes_may_be_of_either() -> None:
    found = sides(of("cold", "warm"), of("unknown", ""), [])
    assert len(set(found.stratum.tolist())) == 1
    assert "may be mixed" in found.notes[0]


def test_a_row_that_a_side_lacks_took_no_time_there() -> None:
    found = sides([ONE, sample({"a": 5, "b": 7})], [sample({"c": 3})], [])
    values = found.durations(["a", "b", "c"])
    np.testing.assert_array_equal(values, [[5, 5, 0], [np.nan, 7, 0], [0, 0, 3]])
