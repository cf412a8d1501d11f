"""The supervisor with real children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import wait_until
from webapp import supervisor as module
from webapp.home import CannotStart
from webapp.supervisor import Child, Supervisor, ending

SLEEPS = "import time; print('up', flush=True); time.sleep(600)"
# A child whose own child outlives it unless somebody ends the group.
HAS_A_CHILD = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); " + SLEEPS
)
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS


def child(tmp_path: Path, program: str, name: str = "child") -> Child:
    return Child(name, [sys.executable, "-c", program], tmp_path / f"{name}.log", tmp_path)


def has_said(child: Child, word: str) -> bool:
    return child.log.exists() and word in child.log.read_text()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(said.append)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def watching(supervisor: Supervisor) -> Iterator[None]:
    # The kernel ends children with the thread that started them, so restarts must come from one that stays.
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    yield
    supervisor.stopping.set()
    thread.join()


def test_a_dead_child_is_restarted_and_that_is_said(
    supervisor: Supervisor, watching: None, said: list[str], tmp_path: Path
) -> None:
    one = supervisor.add(child(tmp_path, SLEEPS, "worker"))
    first = one.pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: one.is_running() and one.pid not in {0, first}, "the restart")
    assert said[0].startswith("worker ended (killed by SIGKILL); restart in 1 s.")
    assert said[1] == f"worker runs again (process {one.pid})"


def test_what_a_dead_child_left_running_is_ended_before_the_next_starts(
    supervisor: Supervisor, watching: None, tmp_path: Path
) -> None:
    one = supervisor.add(child(tmp_path, HAS_A_CHILD))
    wait_until(lambda: has_said(one, "up"), "the child")
    orphan = psutil.Process(one.pid).children()[0]
    os.kill(one.pid, signal.SIGKILL)
    wait_until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE, "the end of the orphan")


def test_a_child_that_keeps_dying_is_restarted_ever_more_slowly(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = supervisor.add(child(tmp_path, "raise SystemExit(3)"))
    pauses = []
    for _ in range(8):
        assert one.process is not None
        one.process.wait()
        supervisor._watch(one)
        pauses.append(one.pause)
        monkeypatch.setattr(one, "due", 0.0)
        supervisor._watch(one)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_children_stop_in_order_with_all_they_started(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    queue = supervisor.add(child(tmp_path, SLEEPS, "queue"))
    database = supervisor.add(child(tmp_path, SLEEPS, "database"), stop_last=True)
    web = supervisor.add(child(tmp_path, HAS_A_CHILD, "web"))
    wait_until(lambda: all(has_said(one, "up") for one in (queue, database, web)), "the children")
    grandchild = psutil.Process(web.pid).children()[0]
    original = supervisor._stop_one

    def note(one: Child, process: subprocess.Popen[bytes]) -> None:
        order.append(one.name)
        original(one, process)

    monkeypatch.setattr(supervisor, "_stop_one", note)
    supervisor.stop()
    assert order == ["web", "queue", "database"]
    assert not any(one.is_running() for one in (queue, database, web))
    wait_until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE, "the grandchild")


def test_a_child_that_does_not_listen_is_killed(supervisor: Supervisor, said: list[str], tmp_path: Path) -> None:
    one = supervisor.add(child(tmp_path, DEAF, "deaf"))
    one.patience = 0.2
    wait_until(lambda: has_said(one, "up"), "the child")
    supervisor.stop()
    assert not one.is_running()
    assert said == ["deaf did not stop within 0 s and is killed"]


def test_a_child_that_ends_while_it_starts_is_one_sentence_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    one = supervisor.add(child(tmp_path, "print('no room'); raise SystemExit(1)", "database"))
    with pytest.raises(CannotStart, match=r"database ended while it started: no room \(see .*database.log\)"):
        supervisor.wait_for(one, lambda: False)


def test_a_child_that_is_never_ready_is_one_sentence(supervisor: Supervisor, tmp_path: Path) -> None:
    one = supervisor.add(child(tmp_path, SLEEPS, "web"))
    with pytest.raises(CannotStart, match="web is not ready after 0 s"):
        supervisor.wait_for(one, lambda: False, patience=0.1)


def test_a_long_log_is_moved_aside_while_it_is_written(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = supervisor.add(child(tmp_path, "import time\nwhile True: print('x' * 99, flush=True); time.sleep(0.001)"))
    monkeypatch.setattr(module, "LOG_LIMIT", 5_000)
    wait_until(lambda: one.log.exists() and one.log.stat().st_size > 5_000, "a long log")
    supervisor._watch(one)
    aside = one.log.with_name("child.log.1")
    assert aside.stat().st_size > 5_000
    wait_until(lambda: one.log.stat().st_size > 0, "the log to go on")
    assert one.log.read_bytes()[:1] == b"x", "no hole at the start"


SUPERVISES = """
import sys
from pathlib import Path
from webapp.supervisor import Child, Supervisor
supervisor = Supervisor(print)
here = Path(sys.argv[1])
one = supervisor.add(Child("one", [sys.executable, "-c", sys.argv[2]], here / "one.log", here))
print(one.pid, flush=True)
supervisor.run()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_nothing_outlives_a_killed_supervisor(tmp_path: Path, repository: Path) -> None:
    command = [sys.executable, "-c", SUPERVISES, str(tmp_path), SLEEPS]
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        orphan = psutil.Process(int(process.stdout.readline()))
        assert orphan.is_running()
        process.kill()
    wait_until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE, "the child to end")


@pytest.mark.parametrize(
    ("returncode", "text"),
    [(0, "exit status 0"), (3, "exit status 3"), (-9, "killed by SIGKILL"), (-99, "killed by signal 99")],
)
def test_endings(returncode: int, text: str) -> None:
    assert ending(returncode) == text
