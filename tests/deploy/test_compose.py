"""docker-compose.yml and the Dockerfile: parsed, and every command and health check run for real."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.conftest import wait_until
from tests.webapp.instance import free_port
from webapp.process import signal_group, spawn

SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD"}
OURS = ("migrate", "web", "worker", "beat")


@pytest.fixture(scope="module")
def compose(repository: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((repository / "docker-compose.yml").read_text()))


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return dict(compose["services"])


def test_the_services_are_those_of_the_design(services: dict[str, Any]) -> None:
    assert set(services) == {"db", "redis", *OURS}
    assert {services[name]["image"] for name in OURS} == {"launchscope"}


def test_no_default_secret_is_accepted(repository: Path) -> None:
    text = (repository / "docker-compose.yml").read_text()
    for name in SECRETS:
        uses = re.findall(rf"\${{{name}([^}}]*)}}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses), f"{name} has a default"
    assert not re.search(r"(?i)(password|secret|token)\w*: *[\"']?[a-z0-9]", text)


def test_everything_waits_for_the_health_of_what_it_needs(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        needs = services[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert needs["redis"]["condition"] == "service_healthy"
    assert services["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert all("healthcheck" in services[name] for name in set(services) - {"migrate"})


def test_what_must_survive_is_in_a_volume_and_only_the_web_can_be_reached(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    assert services["db"]["volumes"] == ["database:/var/lib/postgresql"]
    assert services["redis"]["volumes"] == ["queue:/data"]
    assert set(compose["volumes"]) == {"database", "queue"}
    assert [name for name in services if "ports" in services[name]] == ["web"]
    assert compose["networks"]["inside"]["internal"] is True


def test_senders_of_spans_find_the_port_that_is_set_for_them(services: dict[str, Any]) -> None:
    assert services["web"]["ports"] == [
        "${BIND:-127.0.0.1}:${PORT:-8000}:8000",
        "${BIND:-127.0.0.1}:${OTLP_PORT:-}:8000",
    ]


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "beat"])
def test_settings_of_the_env_file_reach_every_process(services: dict[str, Any], name: str) -> None:
    assert services[name]["env_file"] == [{"path": ".env", "required": False}]


def test_any_number_of_workers_can_run(services: dict[str, Any]) -> None:
    assert "container_name" not in services["worker"]
    assert "--hostname" not in services["worker"]["command"], "a fixed node name would be taken by the second"


def instructions(repository: Path) -> list[tuple[str, str]]:
    text = (repository / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def test_the_image_runs_as_nobody_special_on_hashed_packages(repository: Path) -> None:
    steps = instructions(repository)
    kinds = [kind for kind, _ in steps]
    assert set(kinds) <= {"FROM", "COPY", "RUN", "ENV", "WORKDIR", "USER", "EXPOSE", "CMD"}
    user = next(value for kind, value in steps if kind == "USER")
    assert user.isdigit()
    assert int(user) > 0
    assert kinds.index("USER") > max(n for n, kind in enumerate(kinds) if kind in {"RUN", "COPY"})
    assert any("--require-hashes" in value and "/requirements.txt" in value for kind, value in steps if kind == "RUN")
    assert not any("SECRET" in value for _, value in steps)


def test_what_the_image_copies_exists(repository: Path) -> None:
    for kind, value in instructions(repository):
        if kind == "COPY" and "--from" not in value:
            for source in shlex.split(value)[:-1]:
                assert (repository / source).exists(), source


@pytest.fixture
def container(process_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a container, but for this machine's servers and a free port."""
    (tmp_path / "home").mkdir()
    binaries = str(Path(sys.executable).parent)
    return {
        **process_environment,
        "LAUNCHSCOPE_HOME": str(tmp_path / "home"),
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(free_port()),
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "ALLOWED_HOSTS": "launchscope.example.com",
    }


Running = list[subprocess.Popen[bytes]]


@pytest.fixture
def running() -> Iterator[Running]:
    processes: Running = []
    yield processes
    for process in processes:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        finally:
            signal_group(process, signal.SIGKILL)


def health(service: dict[str, Any], environment: dict[str, str], repository: Path) -> bool:
    kind, *command = service["healthcheck"]["test"]
    given = ["sh", "-c", command[0].replace("$$", "$")] if kind == "CMD-SHELL" else command
    return subprocess.run(given, cwd=repository, env=environment, capture_output=True, check=False).returncode == 0


def test_migrate_does_its_work_and_ends(services: dict[str, Any], container: dict[str, str], repository: Path) -> None:
    done = subprocess.run(services["migrate"]["command"], cwd=repository, env=container, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_service_starts_by_its_command_and_its_health_check_tells_so(
    name: str, services: dict[str, Any], container: dict[str, str], repository: Path, running: Running, tmp_path: Path
) -> None:
    service = services[name]
    environment = {**container, "TMPDIR": str(tmp_path)}
    command = in_directory(service["command"], tmp_path)
    check = {"healthcheck": {"test": in_directory(service["healthcheck"]["test"], tmp_path)}}
    assert not health(check, environment, repository)
    running.append(spawn(command, log=tmp_path / "log", cwd=repository, env=environment))
    wait_until(
        lambda: is_alive(running[0], tmp_path) and health(check, environment, repository), f"{name} to be healthy"
    )
    children = psutil.Process(running[0].pid).children(recursive=True)
    running[0].send_signal(signal.SIGTERM)
    assert running[0].wait(60) == 0
    wait_until(lambda: not any(child.is_running() for child in children), "its children to end")
    assert not health(check, environment, repository) or name == "beat"


def in_directory(command: list[str], directory: Path) -> list[str]:
    """/tmp is a container's own; here it is a directory of the test."""
    return [part.replace("/tmp", str(directory)) for part in command]


def is_alive(process: subprocess.Popen[bytes], directory: Path) -> bool:
    assert process.poll() is None, (directory / "log").read_text()
    return True


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_service_without_a_secret_key_is_refused(
    name: str, services: dict[str, Any], container: dict[str, str], repository: Path, tmp_path: Path
) -> None:
    environment = {**container, "SECRET_KEY": ""}
    command = in_directory(services[name]["command"], tmp_path)
    process = spawn(command, log=tmp_path / "log", cwd=repository, env=environment)
    try:
        wait_until(lambda: "SECRET_KEY is missing" in (tmp_path / "log").read_text(), "the refusal")
    finally:
        signal_group(process, signal.SIGKILL)
        process.wait()
