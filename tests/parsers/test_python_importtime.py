"""Import times: every collected file by the numbers, and what goes wrong in such files."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent.import_time import parse as row
from diagnostics.agent.import_time import phases as agents_phases
from diagnostics.parsers import Hints, Source, collect, sniff
from diagnostics.parsers.python_importtime import MOST_ROWS, parse
from diagnostics.records import Kind, Parsed, ParseError
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

HEADING = "import time: self [us] | cumulative | imported package\n"
RECEIVED = 1_795_500_000_000_000_000


def read(text: str) -> Parsed:
    return collect(parse(Source.of(text.encode()), Hints(RECEIVED)))


@here_only
@pytest.mark.parametrize("name", names("importtime"))
def test_samples(name: str) -> None:
    content = (SAMPLES / "importtime" / name).read_bytes()
    found, known = collect(parse(Source.of(content), Hints(RECEIVED))), expected(f"importtime/{name}")
    for fact in ("rows", "sum_self_us", "deepest", "other_lines", "negative_self"):
        assert found.facts[fact] == known[fact]
    for fact in ("top_level", "max_self"):
        assert found.facts[fact][: len(known[fact])] == known[fact]
    assert len(found.phases) == known["rows"]
    assert sum(phase.attributes["self_us"] for phase in found.phases) == known["sum_self_us"]
    assert min(phase.start_time for phase in found.phases) == 0
    # In an undisturbed file every module takes what its row says, and its parts fit into it.
    assert all(phase.duration == phase.attributes["cumulative_us"] * 1000 for phase in found.phases)
    assert sniff(content) == Kind.PYTHON_IMPORTTIME


@here_only
def test_the_agent_nests_the_same_rows_the_same_way() -> None:
    text = (SAMPLES / "importtime" / "rec-importtime-pandas.txt").read_text()
    theirs = agents_phases([r for r in (row(line, 10**15) for line in text.splitlines()) if r], verbose=True)
    mine = read(text).phases
    shift = theirs[0]["start_time"]
    assert [(phase.name, phase.start_time, phase.duration) for phase in mine] == [
        (phase["phase"], phase["start_time"] - shift, phase["duration_ns"]) for phase in theirs
    ]


def test_children_nest_in_what_imports_them() -> None:
    found = read(f"{HEADING}import time: 100 | 100 |   b\nimport time: 300 | 300 |   c\nimport time: 600 | 1000 | a\n")
    assert [(phase.name, phase.start_time, phase.duration, phase.parent) for phase in found.phases] == [
        ("import a", 0, 1_000_000, None),
        ("import b", 600_000, 100_000, 0),
        ("import c", 700_000, 300_000, 0),
    ]


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (HEADING + "import time:       270 |        270 |   _io\n", True),
        ("warming up\n" * 3 + HEADING + "import time:       270 |        270 |   _io\n", True),
        ("2026-04-17T09:00:00Z import time:       270 |        270 |   _io\n", True),
        ("2026-04-17T09:00:00Z hello\n" * 30 + "import time:       270 |        270 |   _io\n", False),
        ("it is import time: now\n", False),
        (HEADING, False),
    ],
)
def test_recognition(content: str, *, is_one: bool) -> None:
    assert (sniff(content.encode()) == Kind.PYTHON_IMPORTTIME) is is_one


def test_a_file_without_rows_is_a_sentence() -> None:
    with pytest.raises(ParseError, match="-X importtime"):
        read("hello\n")


def test_more_rows_than_a_launch_may_have_are_counted_not_kept() -> None:
    found = read(HEADING + "import time: 1 | 1 | a\n" * (MOST_ROWS + 5))
    assert (len(found.phases), found.facts["rows_left_out"], found.facts["rows"]) == (MOST_ROWS, 5, MOST_ROWS + 5)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.integers(-(10**6), 10**9), st.integers(0, 10**9), st.integers(0, 8)).map(
                lambda row: f"import time: {row[0]:9} | {row[1]:10} | {'  ' * row[2]}m"
            ),
            st.sampled_from(
                [HEADING.strip(), "", "noise", "import time: cut", "2026-04-17T09:00:00Z import time: 1 | 2 | x"]
            ),
        ),
        max_size=40,
    )
)
def test_whatever_is_mixed_in_parts_stay_inside(rows: list[str]) -> None:
    try:
        found = read("\n".join(rows))
    except ParseError:
        return
    by_lane = defaultdict(list)
    for phase in found.phases:
        by_lane[phase.lane].append(phase)
        assert phase.duration >= 0
        if phase.parent is not None:
            around = found.phases[phase.parent]
            assert phase.parent < phase.position
            assert around.lane == phase.lane
            assert around.start_time <= phase.start_time
            assert phase.end_time <= around.end_time
    assert [phase.position for phase in found.phases] == list(range(len(found.phases)))
    if found.facts["clock"] == "relative":
        assert all(min(phase.start_time for phase in lane) == 0 for lane in by_lane.values())
    assert found.lines.total == len(list(Source.of("\n".join(rows).encode()).lines()))
