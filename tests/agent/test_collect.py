"""A bundle of evidence: what is in it, what is missing and why, and that no secret leaves with it."""

from __future__ import annotations

import json
import os
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from diagnostics.agent import evidence
from diagnostics.agent.evidence import Evidence, Missing
from tests.agent.commands import OTHERS, Agent

NS = 10**9


def bundle(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as opened:
        return {member.name: opened.extractfile(member).read() for member in opened}  # type: ignore[union-attr]


@pytest.fixture(params=["", *OTHERS])
def agent(request: pytest.FixtureRequest, tmp_path: Path) -> Agent:
    return Agent(tmp_path, request.param) if request.param else Agent(tmp_path)


def test_files_become_artifacts_without_their_secrets(agent: Agent) -> None:
    (agent.home / "app.log").write_text("started with password=hunter22\n")
    other = agent.home / "other"
    other.mkdir()
    (other / "app.log").write_text("a second one of that name\n")
    pod = {"spec": {"env": [{"name": "DB_PASSWORD", "value": "hunter33"}, {"name": "PORT", "value": "80"}]}}
    (agent.home / "pod.json").write_text(json.dumps(pod))
    logs = ["--container-log", "app.log", "--container-log", "other/app.log", "--k8s-pod", "pod.json"]
    done = agent.run("collect", "--since", "10m", *logs, "--file", "df=missing.txt", "--service", "s")
    assert done.returncode == 0, done.stderr
    files = bundle(agent.home / "launchscope-bundle.tar.gz")
    assert files["container-log/app.log"] == b"started with password=***\n"
    assert files["container-log/2-app.log"] == b"a second one of that name\n"
    masked = json.loads(files["k8s-pod/pod.json"])["spec"]["env"]
    assert masked == [{"name": "DB_PASSWORD", "value": "***"}, {"name": "PORT", "value": "80"}]
    manifest = json.loads(files["manifest.json"])
    assert [one["file"] for one in manifest["artifacts"]] == list(files)[1:]
    assert manifest["missing"] == [{"kind": "df", "reason": "missing.txt cannot be read: No such file or directory"}]
    assert manifest["until"] - manifest["since"] == 600 * NS
    assert b"missing.txt cannot be read" in done.stdout


def test_nothing_found_is_its_own_exit_code(agent: Agent) -> None:
    done = agent.run("collect", "--since", "1s", "--container-log", "none.log")
    assert done.returncode == 4
    assert not (agent.home / "launchscope-bundle.tar.gz").exists()


@pytest.mark.parametrize("since", ["yesterday", "-5m"])
def test_a_time_that_is_none_is_a_sentence(tmp_path: Path, since: str) -> None:
    done = Agent(tmp_path).run("collect", f"--since={since}")
    assert done.returncode == 2
    assert b"30m" in done.stderr


def test_what_is_sent_waits_in_the_spool_with_what_helps_to_read_it(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    (tmp_path / "app.log").write_text("hello\n")
    server = ["--upload", "--server", "http://127.0.0.1:9", "--token", "lsi_x", "--launch-id", "l", "--host", "h"]
    assert agent.run("collect", "--since", "1m", "--container-log", "app.log", *server).returncode == 0
    agent.end_senders()
    (item,) = (tmp_path / "spool").glob("*.spooled")
    head = json.loads(item.read_bytes().split(b"\n", 1)[0])
    assert head == {"kind": "container-log", "query": {"host": "h", "launch": "l"}}


def found(kind: str, path: Path) -> Any:
    (one,) = evidence.file_of(kind, path)
    return one


def test_of_a_very_large_file_the_end_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST", 20)
    (tmp_path / "log").write_text("first line is long\nsecond\nthird\n")
    assert found("container-log", tmp_path / "log").content == b"second\nthird\n"


def test_binary_files_are_taken_as_they_are(tmp_path: Path) -> None:
    content = b"\x96\xd5\x75\x21\0password=hunter22"
    (tmp_path / "sa23").write_bytes(content)
    assert found("sar", tmp_path / "sa23") == Evidence("sar", "sa23", content, {})


def test_sysstat_is_looked_for_by_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    monkeypatch.setattr(evidence, "SYSSTAT", (tmp_path,))
    monkeypatch.setattr(evidence, "_sadf", lambda _: b"")
    assert isinstance(next(evidence.sar(now - NS, now)), Missing)
    today = tmp_path / time.strftime("sa%d")
    today.write_bytes(b"\x96\xd5\0")
    assert [one.name for one in evidence.sar(now - NS, now) if isinstance(one, Evidence)] == [today.name]
    os.utime(today, (0, 0))
    assert isinstance(next(evidence.sar(now - NS, now)), Missing)
