from __future__ import annotations

import random

import pytest

from diagnostics.analysis.what_changed import Described, changed_words, what_differs, what_separates

MS = 1_000_000


def launches(count: int, *, slow: str, field: str = "version", seed: int = 1) -> list[Described]:
    """Half of them slow by half, which ``field`` tells; other fields are noise."""
    draw = random.Random(seed)
    return [
        Described(
            round((1500 if place % 2 else 1000) * MS * draw.lognormvariate(0, 0.05)),
            {
                "host": draw.choice(["gpu-1", "gpu-2", "gpu-3"]),
                "storage_class": draw.choice(["nfs", "local"]),
                "pod": f"pod-{place}",
                "gpu": "H100",
                field: slow if place % 2 else "1.4.1",
            },
        )
        for place in range(count)
    ]


def test_the_field_that_goes_with_slow_launches_comes_first() -> None:
    first, *rest = what_separates(launches(10, slow="1.4.2"))
    assert (first.field, first.fast, first.slow, first.launches) == ("version", "1.4.1", "1.4.2", (5, 5))
    assert first.is_significant
    assert first.explained > 0.9
    assert first.slow_median / first.fast_median == pytest.approx(1.5, rel=0.1)
    assert not any(one.is_significant for one in rest)
    assert {one.field for one in rest} <= {"host", "storage_class"}


def test_fields_that_split_alike_are_one_answer() -> None:
    both = [
        Described(one.duration, {**one.fields, "image": f"app@{one.fields['version']}"})
        for one in launches(10, slow="1.4.2")
    ]
    first, *rest = what_separates(both)
    assert (first.field, first.together) == ("version", ["image"])
    assert "image" not in {one.field for one in rest}


def test_nothing_is_found_where_nothing_separates() -> None:
    found = 0
    for seed in range(60):
        draw = random.Random(seed)
        same = [
            Described(round(1000 * MS * draw.lognormvariate(0, 0.1)), {f"f{n}": draw.choice("ab") for n in range(8)})
            for _ in range(12)
        ]
        found += any(one.is_significant for one in what_separates(same))
    assert found <= 6


@pytest.mark.parametrize(
    "described",
    [[], [Described(5, {"a": "x"})], [Described(5, {"a": "x"}), Described(5, {"a": "y"})], [Described(0, {})] * 9],
)
def test_too_little_to_tell(described: list[Described]) -> None:
    assert what_separates(described) == []


def test_a_missing_field_is_a_value() -> None:
    described = [
        Described(one.duration, {"flag": "on"} if n % 2 else {}) for n, one in enumerate(launches(8, slow="x"))
    ]
    [found] = what_separates(described)
    assert (found.field, found.fast, found.slow) == ("flag", "", "on")


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("serve --tp 2 --port 80", "serve --tp 4 --port 80 --eager", ["2"], ["4", "--eager"]),
        ("1.4.1", "1.4.2", ["1.4.1"], ["1.4.2"]),
        ("", "on", [], ["on"]),
        ("a b", "a b", [], []),
    ],
)
def test_changed_words(before: str, after: str, removed: list[str], added: list[str]) -> None:
    assert changed_words(before, after) == (removed, added)


def test_one_launch_a_side_is_enough_for_differences() -> None:
    found = what_differs(
        [{"version": "1", "host": "a", "gpu": "H100"}], [{"version": "2", "host": "a", "gpu": "H100", "driver": "580"}]
    )
    assert [(one.field, one.baseline, one.candidate, one.purity) for one in found] == [
        ("version", "1", "2", 1.0),
        ("driver", "", "580", 1.0),
    ]


def test_what_tells_the_sides_apart_best_comes_first() -> None:
    baseline = [{"host": host, "version": "1"} for host in "aab"]
    candidate = [{"host": host, "version": "2"} for host in "bba"]
    assert [(one.field, round(one.purity, 2)) for one in what_differs(baseline, candidate)] == [
        ("version", 1.0),
        ("host", 0.67),
    ]
