"""``manage.py compare_samples`` from file to JSON, and what it says of files that it cannot read."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

STEADY = [[10.0, 10.1, 9.9, 10.2, 10.0]]
SLOW = [[15.0, 15.2, 14.9, 15.1, 15.0]]


def compared(path: Path, *options: str) -> Any:
    out = StringIO()
    call_command("compare_samples", str(path), *options, stdout=out)
    return json.loads(out.getvalue())


def phases(**sides: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"id": name, "baseline": before, "candidate": after} for name, (before, after) in sides.items()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "samples.json"


def test_verdicts_by_comparison_and_phase(path: Path) -> None:
    told = [
        {"comparison": "slower", "phases": phases(load=(STEADY, SLOW), other=(STEADY, STEADY))},
        {"comparison": "too few", "phases": phases(load=([[10]], [[20]]))},
    ]
    path.write_text(json.dumps(told))
    found = compared(path)
    assert set(found) == {"slower", "too few"}
    load = found["slower"]["load"]
    assert set(load) == {"verdict", "ratio", "low", "high", "q"}
    assert (load["verdict"], found["slower"]["other"]["verdict"]) == ("regressed", "unchanged")
    assert load["low"] < load["ratio"] < load["high"]
    assert load["ratio"] == pytest.approx(1.5, rel=0.01)
    assert load["q"] < 0.001
    nothing = {"ratio": None, "low": None, "high": None, "q": None}
    assert found["too few"]["load"] == {"verdict": "not enough data", **nothing}
    path.write_bytes(gzip.compress(json.dumps(told).encode()))
    assert compared(path) == found


def test_short_phases_are_judged_unless_a_floor_is_given(path: Path) -> None:
    path.write_text(json.dumps([{"comparison": "short", "phases": phases(load=(STEADY, SLOW))}]))
    assert compared(path)["short"]["load"]["verdict"] == "regressed"
    assert compared(path, "--floor-ms", "10")["short"]["load"]["verdict"] == "unchanged"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is not JSON"),
        ("{}", "must hold a list of comparisons"),
        ("[3]", r"\$\[0\] needs a name"),
        ('[{"comparison": "a", "phases": {}}]', r"\$\[0\]\.phases must be a list of phases"),
        ('[{"comparison": "a", "phases": [{}]}]', r"\$\[0\]\.phases\[0\] needs an “id”"),
        ('[{"comparison": "a", "phases": []}, {"comparison": "a", "phases": []}]', "two comparisons named “a”"),
        (json.dumps([{"comparison": "a", "phases": phases(x=(STEADY, 3))}]), r"candidate must be a list of runs"),
        (json.dumps([{"comparison": "a", "phases": phases(x=(STEADY, [3]))}]), r"candidate must be a list of runs"),
        (json.dumps([{"comparison": "a", "phases": phases(x=([[1, -2]], STEADY))}]), r"baseline\[0\]\[1\] must be a"),
        (json.dumps([{"comparison": "a", "phases": phases(x=([[True]], STEADY))}]), r"baseline\[0\]\[0\] must be a"),
        ('[{"comparison": "a", "phases": [{"id": "x", "baseline": [[NaN]], "candidate": []}]}]', "must be a number"),
        (json.dumps([{"comparison": "a", "phases": phases(x=([[10**400]], STEADY))}]), r"baseline\[0\]\[0\] must be a"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(path: Path, content: str, sentence: str) -> None:
    path.write_text(content)
    with pytest.raises(CommandError, match=sentence):
        compared(path)


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        compared(path)
