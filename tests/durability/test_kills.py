"""What got a 2xx is parsed exactly once, whatever is killed meanwhile; SIGKILL, and real processes throughout."""

from __future__ import annotations

import http.client
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.conftest import wait_until
from tests.data.snapshots import Document, phase, snapshot
from tests.durability.cluster import Cluster, cluster

CLIENTS, PHASES = 3, 20
STRETCH = 40  # launches sent while one process is killed and started again
PATIENCE = 90.0


@pytest.fixture(scope="module")
def whole() -> Iterator[Cluster]:
    with cluster() as started:
        yield started


def document(service: str) -> Document:
    phases = [phase(f"step-{n}", n * 10, 10) for n in range(PHASES)]
    return snapshot(*phases, service=service, launch_id=str(uuid.uuid4()))


class Load:
    """Clients that send one launch after the other, each until it got its 2xx, as the agent does."""

    def __init__(self, whole: Cluster, service: str) -> None:
        self.whole = whole
        self.service = service
        self.accepted: list[str] = []
        self.statuses: set[int] = set()
        self.wanted = threading.Semaphore(0)
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._send_on) for _ in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def send(self, count: int) -> None:
        self.wanted.release(count)

    def wait_for(self, count: int) -> None:
        wait_until(lambda: len(self.accepted) >= count, f"{count} launches to be accepted", PATIENCE)

    def _send_on(self) -> None:
        while not self.over.is_set():
            if self.wanted.acquire(timeout=0.1):
                self._deliver(document(self.service))

    def _deliver(self, sent: Document) -> None:
        while not self.over.is_set():
            try:
                status, answer = self.whole.app.send(sent)
            except (OSError, http.client.HTTPException):
                continue
            self.statuses.add(status)
            if status in (200, 202):
                self.accepted.append(answer["id"])
                return
            self.over.wait(0.05)


def test_nothing_accepted_is_lost(whole: Cluster) -> None:
    with Load(whole, "load") as load:
        for done, name in enumerate(("worker", "queue", "database")):
            load.send(STRETCH)
            load.wait_for(done * STRETCH + STRETCH // 3)
            whole.kill(name)
            if name != "database":
                load.wait_for((done + 1) * STRETCH)  # accepting goes on without it
            if name != "worker":  # which the supervisor starts again
                whole.start(name)
            load.wait_for((done + 1) * STRETCH)
        load.send(STRETCH)
        load.wait_for(4 * STRETCH)

    assert load.statuses <= {200, 202, 503}
    wait_until(lambda: whole.states().keys() == {"parsed"}, "everything to be parsed", PATIENCE)
    accepted = {uuid.UUID(launch) for launch in load.accepted}
    assert len(accepted) == len(load.accepted) == 4 * STRETCH
    stored = dict(
        whole.ask("SELECT launch_id, count(*) FROM diagnostics_artifact WHERE state = 'parsed' GROUP BY launch_id")
    )
    # One that was stored and whose answer was lost with the connection may be there beside those that were answered.
    assert accepted <= stored.keys()
    assert len(stored.keys() - accepted) <= CLIENTS
    assert set(stored.values()) == {1}
    phases = dict(whole.ask("SELECT launch_id, count(*) FROM diagnostics_phase GROUP BY launch_id"))
    assert phases == dict.fromkeys(stored, PHASES)
    kept = whole.ask(
        "SELECT count(*) FROM diagnostics_artifactcontent c JOIN diagnostics_artifact a ON a.id = c.artifact_id"
    )
    assert kept == [(len(stored),)]
    unjudged = "SELECT count(*) FROM diagnostics_launch WHERE state <> 'judged'"
    wait_until(lambda: whole.ask(unjudged) == [(0,)], "everything to be judged", PATIENCE)


def test_a_log_whose_worker_is_killed_is_read_whole_all_the_same(whole: Cluster) -> None:
    lines = 120_000
    log = b"".join(b"[%5d.%06d] Linux version 6.1.0 says line %d\n" % (n // 100, n % 10**6, n) for n in range(lines))
    status, answer, _ = whole.app.request(
        "POST", "/artifacts?kind=kernel-log&host=h&boot_time=1764000000000000000", log
    )
    assert status == 202
    about = "SELECT state, attempts FROM diagnostics_artifact WHERE id = %s"
    wait_until(lambda: whole.ask(about, answer["id"]) == [("received", 1)], "a worker to begin", PATIENCE)
    whole.kill("worker")

    wait_until(lambda: whole.ask(about, answer["id"])[0][0] == "parsed", "the next worker to finish", PATIENCE)
    assert whole.ask(about, answer["id"])[0][1] >= 2
    stored = "SELECT count(*), count(DISTINCT line) FROM diagnostics_event WHERE artifact_id = %s"
    assert whole.ask(stored, answer["id"]) == [(lines, lines)]


def test_accepting_goes_on_while_the_queue_is_down(whole: Cluster) -> None:
    whole.kill("queue")
    answers = [whole.app.send(document("no-queue")) for _ in range(3)]
    waiting = whole.states().get("received", 0)
    whole.start("queue")

    assert [status for status, _ in answers] == [202] * 3
    assert waiting == 3
    for _, answer in answers:
        path = f"/launches/{answer['id']}"
        wait_until(partial(_is_judged, whole, path), "the sweep", PATIENCE)


def test_without_the_database_nothing_is_promised(whole: Cluster) -> None:
    before = sum(whole.states().values())
    sent = document("no-database")
    whole.kill("database")
    try:
        with ThreadPoolExecutor() as clients:
            sending = clients.submit(whole.app.request, "POST", "/launches", sent)
            reading = clients.submit(whole.app.request, "GET", "/launches")
            status, answer, headers = sending.result()
            also = reading.result()[0]
    finally:
        whole.start("database")

    assert (status, answer["error"]["code"], headers["retry-after"]) == (503, "database_unavailable", "5")
    assert also == 503
    assert sum(whole.states().values()) == before
    # Nothing is broken for good: what was refused is accepted now, and parsed.
    wait_until(lambda: whole.app.send(sent)[0] in (200, 202), "the database to be back", PATIENCE)
    wait_until(partial(_is_judged, whole, f"/launches/{sent['launch_id']}"), "its parse", PATIENCE)
    # Workers do not wait for the disk: what they had just parsed may have to be parsed again.
    wait_until(lambda: whole.states() == {"parsed": before + 1}, "everything to be parsed again", PATIENCE)


def _is_judged(whole: Cluster, path: str) -> bool:
    return bool(whole.app.request("GET", path)[1]["state"] == "judged")


def test_a_file_that_kills_its_worker_is_given_up(whole: Cluster) -> None:
    worker = whole.running["worker"]
    worker.command = [part.replace("webapp.celery", "tests.durability.poison") for part in worker.command]
    whole.kill("worker")
    bad, good = document("poison"), [document("healthy") for _ in range(5)]

    answers = [whole.app.send(sent)[1] for sent in (bad, *good)]

    wait_until(lambda: whole.states().keys() == {"parsed", "rejected"}, "the end of the poison", PATIENCE)
    artifact = whole.app.request("GET", f"/artifacts/{answers[0]['artifact']}")[1]
    assert artifact["state"] == "rejected"
    assert artifact["error"]["code"] == "gave_up"
    assert "3 attempts" in artifact["error"]["message"]
    assert whole.states()["rejected"] == 1
    assert whole.ask("SELECT attempts FROM diagnostics_artifact WHERE state = 'rejected'") == [(4,)]
    # The file is still there for whoever mends the parser.
    connection = whole.app.connection()
    connection.request(
        "GET", f"/api/v1/artifacts/{artifact['id']}/raw", headers={"Authorization": f"Bearer {whole.app.token}"}
    )
    assert len(connection.getresponse().read()) == artifact["size"]
