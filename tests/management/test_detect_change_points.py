"""``manage.py detect_change_points`` from file to JSON, and what it says of files that it cannot read."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.analysis.change_points.series import made, times


def detected(path: Path, *options: str) -> Any:
    out = StringIO()
    call_command("detect_change_points", str(path), *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "series.json"


def series() -> list[dict[str, Any]]:
    return [
        {"id": 7, "config": ["java"], "samples": times(made(80), 1.5, 50)},
        {"id": "same", "samples": made(60, seed=2)},
        {"id": "values", "samples": [10 + i % 3 for i in range(30)] + [None] + [20 + i % 3 for i in range(30)]},
    ]


def test_change_points_by_series(path: Path) -> None:
    path.write_text(json.dumps(series()))
    assert detected(path) == {
        "7": {"change_points": [50]},
        "same": {"change_points": []},
        "values": {"change_points": [31]},
    }


def test_alarms_when_replayed_and_a_packed_file(path: Path) -> None:
    path.write_bytes(gzip.compress(json.dumps(series()).encode()))
    found = detected(path, "--replay")
    [alarm] = found["7"]["alarms"]
    assert alarm["change_point"] == 50
    assert 52 <= alarm["at"] <= 54
    assert found["same"] == {"change_points": [], "alarms": []}
    assert found["values"]["alarms"][0]["change_point"] == pytest.approx(31, abs=2)


def test_perfherders_rule_can_be_chosen(path: Path) -> None:
    path.write_text(json.dumps([{"id": 1, "samples": [[1.0]] * 20 + [[2.0]] * 20}]))
    assert detected(path, "--method", "perfherder") == {"1": {"change_points": [20]}}
    with pytest.raises(CommandError, match="looks back only"):
        detected(path, "--method", "perfherder", "--replay")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
        (gzip.compress(b"[]", mtime=0)[:12], "is not JSON"),
        (gzip.compress(b"[]", mtime=0)[:10] + b"\xff" * 20, "is not JSON"),
        (b'[{"id": 1, "samples": [[' + b"9" * 400 + b"]]}]", "series “1” has a run that is not a list of numbers"),
        (b'[{"id": 1, "samples": [true]}]', "series “1” has a run that is not a list of numbers"),
        (b"{}", "holds no list"),
        (b'[{"id": 1}]', "entry 0 is not a series"),
        (b'[{"id": 1, "samples": [["x"]]}]', "series “1” has a run that is not a list of numbers"),
        (b'[{"id": 1, "samples": ["12"]}]', "series “1” has a run that is not a list of numbers"),
        (b'[{"id": 1, "samples": []}, {"id": 1, "samples": []}]', "two series of one id"),
    ],
)
def test_what_cannot_be_read_is_said(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        detected(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        detected(tmp_path / "none.json")
