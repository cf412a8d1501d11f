from __future__ import annotations

import pytest

from diagnostics.analysis.families import ancestors, family_of


@pytest.mark.parametrize(
    ("path", "family"),
    [
        (None, ""),
        ("load", "load"),
        ("engine/load@TP3", "engine/load@TP*"),
        ("engine/load@TP11#2", "engine/load@TP*"),
        ("import#2/torch#13", "import/torch"),
        ("worker-3/load", "worker-*/load"),
        ("Rank 7/nccl", "Rank */nccl"),
        ("step-1", "step-1"),  # a name, not a number of one of many
        ("llama-70b", "llama-70b"),
        ("rank", "rank"),
        ("load#x", "load#x"),
    ],
)
def test_family(path: str | None, family: str) -> None:
    assert family_of(path) == family


def test_ancestors_come_nearest_first() -> None:
    assert list(ancestors("a/b/c")) == ["a/b", "a"]
    assert list(ancestors("a")) == []
