from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.agent.checks import FAILED, GOOD, configuration
from diagnostics.agent.failure import IMPOSSIBLE, USAGE, Failure


@pytest.mark.parametrize(
    ("name", "content", "settings"),
    [
        ("a.env", "# x\nexport A=1\nB='two words'\n\nC=\n", {"A": "1", "B": "two words", "C": ""}),
        ("a.json", '{"A": 1, "B": {"C": true, "D": "x"}}', {"A": "1", "B.C": "true", "B.D": "x"}),
        ("a.toml", "[load]\ntimeout = 60\n", {"load.timeout": "60"}),
        ("a.json", "[1]", None),
        ("a.json", "{", None),
        ("a.env", "not a setting", None),
    ],
)
def test_files(tmp_path: Path, name: str, content: str, settings: dict[str, str] | None) -> None:
    path = tmp_path / name
    path.write_text(content)
    if settings is not None:
        assert configuration.read(str(path)) == settings
        return
    with pytest.raises(Failure) as failure:
        configuration.read(str(path))
    assert failure.value.code == USAGE


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        configuration.read(str(tmp_path / "none"))
    assert failure.value.code == IMPOSSIBLE


def test_differences_name_both_values() -> None:
    checks = configuration.compare(
        {"MODEL_LOAD_TIMEOUT": "300", "A": "1", "B": "2"}, {"MODEL_LOAD_TIMEOUT": "60", "A": "1"}
    )
    assert [(check.state, check.expected, check.actual) for check in checks] == [
        (FAILED, "300", "60"),
        (FAILED, "2", None),
    ]


def test_agreement_is_one_check() -> None:
    assert [check.state for check in configuration.compare({"A": "1"}, {"A": "1", "B": "2"})] == [GOOD]


def test_secrets_are_compared_but_never_shown() -> None:
    (check,) = configuration.compare({"DB_PASSWORD": "right-horse"}, {"DB_PASSWORD": "wrong-horse"})
    assert check.state == FAILED
    assert "horse" not in str(check.document())
    assert configuration.pairs({"DB_PASSWORD": "right-horse"}, {}) == {
        "DB_PASSWORD": {"expected": "***", "actual": None}
    }


def test_the_environment_of_a_running_process() -> None:
    code = "import sys; print(flush=True); sys.stdin.read()"
    environment = {**os.environ, "LAUNCHSCOPE_PROBE": "as=is"}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert configuration.environment_of(child.pid)["LAUNCHSCOPE_PROBE"] == "as=is"
        child.communicate()
    with pytest.raises(Failure):
        configuration.environment_of(child.pid)
