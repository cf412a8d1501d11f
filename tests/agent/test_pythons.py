"""The packed agent on every Python it promises, as far as they are installed here, and always on the running one."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from diagnostics.agent import packing
from diagnostics.agent.__main__ import PROGRAMS
from tests.agent.probing.listening import listening, saying

PROMISED = ("3.9", "3.13")  # the oldest, and the newest here
PROGRAM = 'print("Loading model...", flush=True); print("Model loaded successfully", flush=True)'


def interpreters() -> list[str]:
    """One path per promised version that really starts: pyenv leaves names behind that do not."""
    found = {}
    for version in PROMISED:
        places = [
            shutil.which(f"python{version}"),
            *sorted(Path("/root/.pyenv/versions").glob(f"{version}.*/bin/python")),
        ]
        found[version] = next((str(place) for place in places if place and _starts(str(place), version)), None)
    found[f"{sys.version_info.major}.{sys.version_info.minor}"] = sys.executable
    return [path for path in found.values() if path]


def _starts(path: str, version: str) -> bool:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.stdout.strip() == version


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "agent.pyz"
    assert packing.main([str(path)]) == 0
    return path


@pytest.fixture(params=interpreters())
def python(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(python: str, agent: Path, *words: str, code: int = 0) -> str:
    """Isolated (-I): nothing of this project but the file itself may be found. Warnings are errors."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "100", "HOME": str(agent.parent)}
    command = [python, "-I", "-W", "error", str(agent), *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=agent.parent, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_every_module_loads(python: str, agent: Path) -> None:
    names = [name.replace("/", ".")[:-3] for name in packing._files() if name.startswith("diagnostics/agent/")]
    modules = [name.removesuffix(".__init__") for name in names]
    code = (
        f"import sys, importlib; sys.path.insert(0, {str(agent)!r}); [importlib.import_module(m) for m in {modules!r}]"
    )
    done = subprocess.run([python, "-I", "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


COMMANDS = [
    ["glmctl"],
    ["dump-launch-sequence"],
    ["upload"],
    ["collect"],
    ["compare"],
    ["diag-glm", "init-trace"],
    *(["diagnose", name] for name in ("status", "trace", "probe")),
]


@functools.cache
def reference(agent: Path, *words: str) -> str:
    return run(sys.executable, agent, *words, "--help")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_the_same_on_all(python: str, agent: Path, words: list[str]) -> None:
    assert run(python, agent, *words, "--help") == reference(agent, *words)


def test_a_launch_is_recorded(python: str, agent: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "snapshot.json"
    words = ["dump-launch-sequence", "--output", str(snapshot), "--spool", str(tmp_path), "--", python, "-c", PROGRAM]
    assert run(python, agent, *words) == "Loading model...\nModel loaded successfully\n"
    document = json.loads(snapshot.read_text())
    assert document["phases"]
    assert "total" in run(python, agent, "diag-glm", "init-trace", str(snapshot))


def test_a_dependency_is_probed(python: str, agent: Path) -> None:
    with listening(saying(b"+PONG\r\n")) as port:
        words = [
            "--probe-timeout",
            "20",
            "runtime-scope",
            f"redis://127.0.0.1:{port}",
            "--count",
            "2",
            "--interval",
            "1ms",
        ]
        assert "2  100.0 %" in run(python, agent, "glmctl", *words)


def test_the_host_is_looked_at(python: str, agent: Path) -> None:
    checks = json.loads(run(python, agent, "diagnose", "status", "--json"))["checks"]
    assert {"memory", "disk-space"} <= {check["name"] for check in checks}


def test_the_bytes_do_not_depend_on_python(python: str, tmp_path: Path) -> None:
    tree = tmp_path / "diagnostics" / "agent"
    shutil.copytree(packing.PACKAGE, tree, ignore=shutil.ignore_patterns("__pycache__"))
    made: list[Path] = []
    for interpreter in (sys.executable, python):
        made.append(tmp_path / f"{len(made)}.pyz")
        command = [interpreter, "-m", "diagnostics.agent.packing", str(made[-1])]
        subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    assert made[0].read_bytes() == made[1].read_bytes()


def test_the_console_scripts_lead_to_the_commands(repository: Path) -> None:
    scripts = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {name: f"{module}:main" for name, module in PROGRAMS.items()}


def test_an_old_python_is_told_apart() -> None:
    old = next(
        (p for p in sorted(Path("/root/.pyenv/versions").glob("3.8.*/bin/python")) if _starts(str(p), "3.8")), None
    )
    if old is None:
        pytest.skip("no Python 3.8 here")
    done = subprocess.run([old, "-m", "diagnostics.agent"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "Launchscope's agent needs Python 3.9 or newer; this is 3.8\n")
