"""The examples of the gate are YAML, and their lines work against a real server."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnostics.models import Launch, Marker
from tests.api.conftest import running, served
from tests.conftest import wait_until
from tests.durability.instance import Instance

__all__ = ["running", "served"]
EXAMPLES = Path(__file__).parents[2] / "docs" / "ci"
PORT = 18461
SERVE = f"""
import http.server
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", {PORT}), Ready).serve_forever()
"""


def example(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / name).read_text())


@pytest.fixture
def shell(served: Instance, tmp_path: Path) -> Any:
    """Runs lines as the runner does, in one directory, with the address and the token of the running server."""
    for folder in (tmp_path, tmp_path / "main", tmp_path / "branch"):
        folder.mkdir(exist_ok=True)
        (folder / "serve.py").write_text(SERVE)
    told = {
        "LAUNCHSCOPE_URL": f"http://127.0.0.1:{served.port}",
        "LAUNCHSCOPE_TOKEN": served.token,
        "LAUNCHSCOPE_SPOOL": str(tmp_path / "spool"),
        "CI_COMMIT_SHA": "abc123",
        "CI_COMMIT_BRANCH": "main",
        "CI_PIPELINE_ID": "17",
        "LC_ALL": "C",
    }

    def run(lines: str) -> subprocess.CompletedProcess[str]:
        # Eight launches a side prove no more than two do; the port is one that is free here.
        short = lines.replace("1 2 3 4 5 6 7 8", "1 2").replace("--runs 8", "--runs 2").replace("8080", str(PORT))
        return subprocess.run(
            ["bash", "-ec", short],
            cwd=tmp_path,
            env={**os.environ, **told},
            text=True,
            capture_output=True,
            check=False,
        )

    return run


def test_every_example_is_told_of() -> None:
    page = (EXAMPLES.parent / "ci.md").read_text()
    for file in EXAMPLES.iterdir():
        assert f"ci/{file.name}" in page


def test_github(shell: Any, tmp_path: Path) -> None:
    steps = [step["run"] for step in example("github.yaml")["jobs"]["gate"]["steps"] if "run" in step]
    for lines in steps:
        done = shell(lines)
        assert done.returncode == 0, done.stderr + done.stdout
    assert "::warning::too few launches to tell" in done.stdout
    assert (tmp_path / "launch.xml").read_text().startswith("<?xml")


def test_gitlab(shell: Any, tmp_path: Path) -> None:
    gate = example("gitlab.yaml")
    *before, compare = gate["launch-gate"]["script"]
    for lines in before:
        done = shell(lines)
        assert done.returncode == 0, done.stderr + done.stdout
    wait_until(lambda: Launch.objects.filter(state="judged", version="abc123").count() == 2, "the launches")
    done = shell(compare)
    assert done.returncode in gate["launch-gate"]["allow_failure"]["exit_codes"], done.stderr
    assert (tmp_path / "launch.xml").read_text().startswith("<?xml")
    (deployed,) = gate["deployed"]["script"]
    assert shell(deployed).returncode == 0
    assert Marker.objects.get().version == "abc123"


def test_argo(shell: Any) -> None:
    (metric,) = example("argo-rollouts.yaml")["spec"]["metrics"]
    (container,) = metric["provider"]["job"]["spec"]["template"]["spec"]["containers"]
    (lines,) = container["args"]
    assert container["command"] == ["bash", "-ec"]
    done = shell(re.sub(r"{{args\.(\w+)}}", "x", lines))
    assert done.returncode == 2, done.stdout + done.stderr
