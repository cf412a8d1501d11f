"""Snapshots that hypothesis makes up: valid ones, of every shape."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.data.snapshots import MS, T0

LATEST = T0 + 3_600_000 * MS
# Everything that PostgreSQL and JSON both hold.
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
names = text.filter(bool)
times = st.integers(0, LATEST)
attributes = st.dictionaries(text, st.recursive(st.none() | st.booleans() | st.integers() | text, st.lists), max_size=3)


@st.composite
def snapshots(draw: st.DrawFn, least: int = 0) -> dict[str, Any]:
    """Of ``least`` to 8 phases."""
    count = draw(st.integers(least, 8))
    ids = draw(st.lists(names, min_size=count, max_size=count, unique=True))
    phases = [
        {
            "phase": draw(names),
            "start_time": draw(times),
            "duration_ns": draw(st.integers(0, 2**62)),
            "status": draw(st.sampled_from(["success", "failed"])),
            "id": ids[n],
            "depends_on": draw(st.lists(st.sampled_from(ids), max_size=3)),
            "lane": draw(text),
            "attributes": draw(attributes),
            **draw(st.sampled_from([{}, {"parent": None}, {"parent": ids[0]}])),
        }
        for n in range(count)
    ]
    return {
        "phases": phases,
        "labels": draw(st.dictionaries(text, text, max_size=3)),
        "milestones": draw(st.dictionaries(text, times, max_size=3)),
        "events": draw(st.lists(st.fixed_dictionaries({"time": times, "text": text, "source": text}), max_size=3)),
    }
