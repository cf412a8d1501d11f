"""Builders of samples for the tests of statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from diagnostics.records import Sample


def sample(durations: Mapping[str, int], critical: Mapping[str, int] | None = None, waiting: int = 0) -> Sample:
    """A launch of these phases, all of them on the path unless ``critical`` says what each owns of it."""
    owned = dict(durations if critical is None else critical)
    return Sample("", sum(owned.values()) + waiting, waiting, dict(durations), owned)


def group(path: str, values: Sequence[int]) -> list[Sample]:
    return [sample({path: value}) for value in values]


@st.composite
def groups(draw: st.DrawFn) -> list[Sample]:
    """One to eight launches of some of five phases."""
    return draw(
        st.lists(
            st.builds(
                lambda durations, shares, waiting: sample(
                    durations,
                    {path: value * share // 4 for (path, value), share in zip(durations.items(), shares, strict=False)},
                    waiting,
                ),
                st.dictionaries(st.sampled_from(["a", "b", "b/c", "d", "e"]), st.integers(0, 10**11)),
                st.lists(st.integers(0, 4), min_size=5, max_size=5),
                st.integers(0, 10**10),
            ),
            min_size=1,
            max_size=8,
        )
    )
