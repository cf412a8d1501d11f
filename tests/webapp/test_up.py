"""`make up` as a whole: the real servers, the real processes, killed and stopped as people and kernels do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import wait_until
from tests.webapp.instance import OWN, Instance, free_port, is_gone
from webapp.credentials import Credentials
from webapp.env import ROOT

# One instance for all of them, and so one xdist worker, with `--dist loadgroup`.
pytestmark = pytest.mark.xdist_group("up")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance.start(tmp_path_factory.mktemp("up") / "home", free_port())
    running.wait_until_ready()
    yield running
    running.stop()


def test_it_prints_what_a_newcomer_needs_and_keeps_it_in_a_file(instance: Instance) -> None:
    credentials = instance.credentials
    assert credentials["url"] == f"http://127.0.0.1:{instance.port}"
    assert credentials["user"] == "admin"
    assert credentials["ingest_token"].startswith("lsi_")
    assert credentials["read_token"].startswith("lsr_")
    for value in credentials.values():
        assert value in instance.output
    assert (instance.home / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert (instance.home / "secret_key").stat().st_mode & 0o777 == 0o600


def test_everything_is_ready_when_it_says_so(instance: Instance) -> None:
    assert instance.get("/readyz")["checks"] == dict.fromkeys(("database", "migrations", "queue", "worker"), "ok")


def test_its_own_start_is_its_first_launch(instance: Instance) -> None:
    wait_until(lambda: [launch["state"] for launch in instance.launches()] == ["judged"], "the own start")
    launch = instance.launches()[0]
    assert (launch["service"], launch["environment"], launch["status"]) == ("launchscope", "local", "success")
    assert {"process_start", "health_ok"} <= set(launch["milestones"])
    phases = {phase["phase"]: phase for phase in instance.get(f"/api/v1/launches/{launch['id']}/phases")["items"]}
    steps = {
        "initdb",
        "database start",
        "queue start",
        "prepare",
        "migrate",
        "static files",
        "worker ready",
        "web ready",
    }
    assert steps <= set(phases)
    assert phases["migrate"]["parent"] == phases["prepare"]["id"]
    assert phases["database start"]["depends_on"] == [phases["initdb"]["id"]]
    assert set(phases["web ready"]["depends_on"]) == {phases["prepare"]["id"], phases["static files"]["id"]}
    assert {phase["lane"] for phase in phases.values()} == {"database", "queue", "static", "worker", "web"}
    # What has run at the same time is recorded so.
    assert phases["queue start"]["start_time"] < phases["prepare"]["start_time"]


def by_hand(instance: Instance, program: str, given: str = "") -> str:
    """What `manage.py shell` prints; it finds the running database through the home alone."""
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    environment["LAUNCHSCOPE_HOME"] = str(instance.home)
    command = [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=True)
    return done.stdout.strip()


LOGS_IN = """
import sys
from django.contrib.auth import authenticate
user = authenticate(username="admin", password=sys.stdin.read())
print(user.is_superuser, [group.name for group in user.groups.all()])
"""
MUST_CHANGE = """
from diagnostics.models import UserProfile
print(UserProfile.objects.filter(must_change_password=True).count())
"""


def test_the_first_password_opens_the_door(instance: Instance) -> None:
    assert by_hand(instance, LOGS_IN, instance.credentials["password"]) == "True ['admin']"
    assert by_hand(instance, MUST_CHANGE) == "0"


def test_the_demo_is_launched_sent_and_compared(instance: Instance) -> None:
    environment = {**os.environ, "LAUNCHSCOPE_HOME": str(instance.home)}
    command = [sys.executable, "-m", "webapp.demo"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    items = instance.get("/api/v1/launches?service=demo-model-server&environment=demo&limit=100")["items"]
    assert sorted(launch["version"] for launch in items) == ["1.0.0"] * 6 + ["1.1.0"] * 6
    assert {launch["state"] for launch in items} == {"judged"}
    assert "1.1.0 against 1.0.0: total +" in done.stdout
    assert "decompress" in done.stdout
    assert f"http://127.0.0.1:{instance.port}/compare/?baseline=" in done.stdout


@pytest.mark.parametrize("home", ["empty", "stopped"])
def test_the_demo_without_a_running_server_is_one_sentence(tmp_path: Path, home: str) -> None:
    if home == "stopped":
        Credentials(f"http://127.0.0.1:{free_port()}", "admin", "", "lsi_", "lsr_").write(tmp_path / "credentials.json")
    environment = {**os.environ, "LAUNCHSCOPE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "webapp.demo"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("The demo cannot run. ")
    assert done.stderr.endswith("`make up` in another terminal.\n")


@pytest.mark.parametrize("name", ["worker", "web", "queue", "database", "beat"])
def test_a_killed_child_is_restarted_said_and_works_again(instance: Instance, name: str) -> None:
    before = len(instance.output)
    victim = instance.children()[name]
    victim.kill()
    wait_until(lambda: f"{name} runs again" in instance.output[before:], f"{name} to run again")
    assert f"{name} ended (killed by SIGKILL)" in instance.output[before:]
    assert instance.children()[name].pid != victim.pid
    wait_until(lambda: is_ready(instance), lambda: f"everything to work again: {state(instance)}")


def is_ready(instance: Instance) -> bool:
    return state(instance).startswith("200")


def state(instance: Instance) -> str:
    try:
        return f"200 {instance.get('/readyz')}"
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode()}"
    except OSError as error:
        return str(error)


def test_a_second_instance_in_the_same_home_is_refused(instance: Instance) -> None:
    said = refused(instance.home, free_port())
    assert f"Another Launchscope (process {instance.process.pid}) uses {instance.home}" in said


def test_ctrl_c_leaves_nothing_running_and_loses_nothing(tmp_path: Path) -> None:
    place = tmp_path / "home", free_port()
    first = Instance.start(*place)
    first.wait_until_ready()
    wait_until(lambda: len(first.launches()) == 1, "the own start")
    family = first.family()
    assert first.stop() == 0
    assert "Stopped; nothing is lost." in first.output
    assert all(is_gone(process) for process in family)
    again = Instance.start(*place)
    try:
        again.wait_until_ready()
        wait_until(lambda: len(again.launches()) == 2, "the second own start")
        assert "initdb" not in again.output
    finally:
        again.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_nothing_outlives_a_killed_one_and_the_next_starts_at_once(tmp_path: Path) -> None:
    place = tmp_path / "home", free_port()
    killed = Instance.start(*place, DEMO="0")
    killed.wait_until_ready()
    family = killed.family()
    killed.process.kill()
    killed.process.wait()
    again = Instance.start(*place, DEMO="0")
    try:
        again.wait_until_ready()
        assert all(is_gone(process) for process in family)
        assert again.launches() == []
    finally:
        again.stop()


def test_ctrl_c_before_it_is_ready_leaves_nothing_running(tmp_path: Path) -> None:
    early = Instance.start(tmp_path / "home", free_port())
    early.wait_for("database start")
    family = early.family()
    assert early.stop() == 130
    wait_until(lambda: all(is_gone(process) for process in family), "all of it to end")


def test_the_first_password_must_be_changed_where_others_can_reach_it(tmp_path: Path) -> None:
    exposed = Instance.start(tmp_path / "home", free_port(), BIND="0.0.0.0", DEMO="0")
    try:
        exposed.wait_until_ready()
        assert by_hand(exposed, MUST_CHANGE) == "1"
        assert exposed.launches() == []
    finally:
        exposed.stop()


def refused(home: Path, port: int, **environment: str) -> str:
    instance = Instance.start(home, port, **environment)
    assert instance.process.wait(60) == 1
    return instance.output.strip().splitlines()[-1]


def test_a_taken_port_is_one_sentence_and_starts_nothing(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(tmp_path / "home", port)
    assert said.startswith(f"Launchscope cannot start. Port {port} on 127.0.0.1 is taken: ")
    assert not (tmp_path / "home" / "database").exists()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PORT": "80OO"}, "PORT is '80OO': give a whole number, e.g. 8000."),
        ({"BIND": "no.such.host.invalid"}, "BIND is 'no.such.host.invalid': give an address of this machine"),
        ({"DATABASE_URL": "mysql://h/d"}, "DATABASE_URL must begin with postgresql://"),
    ],
)
def test_a_bad_setting_is_one_sentence(tmp_path: Path, environment: dict[str, str], sentence: str) -> None:
    said = refused(tmp_path / "home", free_port(), **environment)
    assert sentence in said
    assert said.startswith("Launchscope cannot start. ")


def can_mount() -> bool:
    return os.geteuid() == 0 and sys.platform == "linux"


@pytest.mark.skipif(not can_mount(), reason="needs to mount a small disk")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        assert "MB left, and 300 MB are needed: free some space" in refused(disk / "home", free_port())
    finally:
        subprocess.run(["umount", str(disk)], check=True)
