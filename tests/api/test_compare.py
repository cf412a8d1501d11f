from __future__ import annotations

import uuid
from typing import Any

import pytest

from diagnostics.models import BaselinePolicy, Launch
from tests.api.conftest import Caller, send
from tests.api.shapes import COMPARISON, DELTA
from tests.data.snapshots import MS, Document, phase, sequence, snapshot

pytestmark = pytest.mark.django_db
# Milliseconds of three steps, six launches a version; the second step of version 2 is slower by a half.
OLD = [(100, 200 + n, 50) for n in range(6)]
NEW = [(100, 300 + n, 50) for n in range(6)]


@pytest.fixture
def groups(sender: Caller) -> tuple[list[str], list[str]]:
    """Launch ids of version 1 and of version 2, oldest first."""
    sides = []
    for version, (first, sequences) in enumerate(((0, OLD), (6, NEW)), start=1):
        sides.append(
            [send(sender, sequence(*s, number=first + n, version=str(version))) for n, s in enumerate(sequences)]
        )
    return sides[0], sides[1]


def compare(reader: Caller, baseline: str, candidate: str) -> Any:
    status, body = reader.get("/compare", baseline=baseline, candidate=candidate)
    assert status == 200, body
    assert body.keys() == COMPARISON
    assert all(delta.keys() == DELTA for delta in (body["total"], body["unaccounted"], *body["phases"]))
    contributions = [delta["contribution_ns"] for delta in (*body["phases"], body["unaccounted"])]
    assert sum(contributions) == body["total"]["delta_ns"] == body["total"]["contribution_ns"]
    return body


def by_phase(body: Any) -> dict[str, Any]:
    return {delta["phase"]: delta for delta in body["phases"]}


def test_two_launches(reader: Caller, groups: tuple[list[str], list[str]]) -> None:
    (old, *_), (new, *_) = groups
    body = compare(reader, old, new)

    assert body["baseline"] == {"launches": [old], "runs": 1, "total_ns": 350 * MS, "failed": 0}
    assert body["candidate"] == {"launches": [new], "runs": 1, "total_ns": 450 * MS, "failed": 0}
    slower = by_phase(body)["step-1"]
    assert (slower["baseline_ns"], slower["candidate_ns"], slower["delta_ns"]) == (200 * MS, 300 * MS, 100 * MS)
    assert (slower["ratio"], slower["contribution_ns"]) == (1.5, 100 * MS)
    # One launch a side says nothing of chance.
    assert {(d["verdict"], d["q"], d["low"]) for d in (body["total"], *body["phases"])} == {
        ("not enough data", None, None)
    }
    assert body["phases"][0]["phase"] == "step-1"


def test_two_groups(reader: Caller, groups: tuple[list[str], list[str]]) -> None:
    body = compare(reader, "service=open-autoglm,version=1,last=20", "service=open-autoglm,version=2,last=20")

    assert [(side["runs"], len(side["launches"])) for side in (body["baseline"], body["candidate"])] == [(1, 6), (1, 6)]
    assert body["baseline"]["launches"] == groups[0][::-1]
    assert {path: delta["verdict"] for path, delta in by_phase(body).items()} | {"total": body["total"]["verdict"]} == {
        "step-0": "unchanged",
        "step-1": "regressed",
        "step-2": "unchanged",
        "total": "regressed",
    }
    slower = by_phase(body)["step-1"]
    assert slower["low"] <= slower["ratio"] <= slower["high"]
    assert 1.4 < slower["low"] < slower["high"] < 1.6
    assert slower["q"] < 0.05
    assert slower["contribution_ns"] == 100 * MS


def test_the_other_way_round_it_improved(reader: Caller, groups: tuple[list[str], list[str]]) -> None:
    body = compare(reader, ",".join(groups[1]), ",".join(groups[0]))
    assert by_phase(body)["step-1"]["verdict"] == "improved"
    assert body["total"]["delta_ns"] == -100 * MS


def test_a_group_against_itself_is_unchanged(reader: Caller, groups: tuple[list[str], list[str]]) -> None:
    body = compare(reader, "version=1", "version=1")
    assert {delta["verdict"] for delta in (*body["phases"], body["total"])} == {"unchanged"}
    assert body["total"]["delta_ns"] == 0


def test_phases_that_appeared_or_vanished_are_rows(sender: Caller, reader: Caller) -> None:
    old = send(sender, snapshot(phase("both", 0, 10), phase("gone", 20, 10)))
    new = send(sender, snapshot(phase("both", 0, 10), phase("new", 25, 40)))

    rows = by_phase(compare(reader, old, new))

    assert {path: (d["baseline_ns"], d["candidate_ns"]) for path, d in rows.items()} == {
        "both": (10 * MS, 10 * MS),
        "gone": (10 * MS, None),
        "new": (None, 40 * MS),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (snapshot(phase("a")), {"service": "x", "phases": [], "milestones": {"process_start": 0, "health_ok": 7}}),
        (snapshot(phase("a", 0, 0)), snapshot(phase("a", 0, 0))),
        (snapshot(phase("a", 0, 0)), snapshot(phase("a", 0, 2**40))),
        (
            snapshot(phase("a", 0, 10), phase("b", 0, 100, parent=None), phase("c", 110, 7)),
            snapshot(phase("a", 0, 200, parent=None), phase("b", 0, 90, parent=None), phase("d", 210, 1)),
        ),
        (snapshot(*(phase("a", n, 1) for n in range(50))), snapshot(*(phase("a", n * 2, 1) for n in range(60)))),
    ],
    ids=["no phases", "no time", "a year", "other path", "many of one name"],
)
def test_contributions_sum_whatever_the_launches(sender: Caller, reader: Caller, old: Document, new: Document) -> None:
    new = {**new, "phases": [{**p, "start_time": p["start_time"] - 2**50} for p in new["phases"]]}
    compare(reader, send(sender, old), send(sender, new))


def test_failed_launches_count_as_longer_than_seen(sender: Caller, reader: Caller) -> None:
    for n in range(6):
        send(sender, snapshot(phase("a", n * 10_000, 1000 + n), version="1"))
        send(sender, snapshot(phase("a", n * 10_000, 1000 + n), version="2"))
    for n in range(6, 10):
        send(sender, snapshot(phase("a", n * 10_000, 2000 + n, status="failed"), version="2"))
    body = compare(reader, "version=1", "version=2")
    assert [(len(body[side]["launches"]), body[side]["failed"]) for side in ("baseline", "candidate")] == [
        (6, 0), (10, 4)
    ]  # fmt: skip
    # What a launch failed in took nobody knows how long: it is missing, and the total is censored, not short.
    assert by_phase(body)["a"]["candidate_ns"] == by_phase(body)["a"]["baseline_ns"] == 1_002_500_000
    assert body["candidate"]["total_ns"] == 1_004_500_000
    assert "4 of 10 candidate launches never got ready" in body["total"]["note"]
    only_good = compare(reader, "version=1", "version=2,status=success")
    assert len(only_good["candidate"]["launches"]) == 6


def test_thresholds_of_the_candidates_service_decide(
    reader: Caller, groups: tuple[list[str], list[str]], django_assert_max_num_queries: Any
) -> None:
    service = Launch.objects.get(pk=groups[1][0]).service
    thresholds = [{"phase": "step-1", "ratio": 0.8}, {"phase": "(total)", "ignore": True}]
    BaselinePolicy.objects.create(service=service, thresholds=thresholds)
    body = compare(reader, "version=1", "version=2")
    slower = by_phase(body)["step-1"]
    assert (slower["verdict"], body["total"]["verdict"]) == ("unchanged", "unchanged")
    assert slower["q"] < 0.05
    assert "Flagged only beyond 80 % and 10 ms" in slower["note"]
    assert "Never flagged" in body["total"]["note"]
    assert "step-1: 80 % and 10 ms; (total): never flagged" in body["rule"]
    assert slower["least_effect"] >= 0.8


def test_what_else_differs_is_told(sender: Caller, reader: Caller) -> None:
    def told(number: int, version: str, took: int) -> Document:
        host = {"name": f"gpu-{number % 2}"}
        labels = {"command": f"serve --tp {2 if version == '1' else 4} --port 80", "pod": f"pod-{number}"}
        config = {
            "MODEL_LOAD_TIMEOUT": {"actual": 300 if version == "1" else 60},
            "API_KEY": {"actual": "hunter2hunter"},
        }
        more = {"version": version, "host": host, "labels": labels, "config": config}
        return sequence(took, number=number, **more)

    sides = [
        [send(sender, told(first + n, version, took + 7 * (n % 3))) for n in range(6)]
        for version, took, first in (("1", 1000, 0), ("2", 1500, 6))
    ]
    changed = compare(reader, "version=1", "version=2")["what_changed"]
    assert [one["field"] for one in changed] == ["version", "command", "config MODEL_LOAD_TIMEOUT"]
    assert all(one["separates"] and one["purity"] == 1 for one in changed)
    assert (changed[1]["removed"], changed[1]["added"]) == (["2"], ["4"])
    assert changed[0]["together"] == ["command", "config MODEL_LOAD_TIMEOUT"]
    assert (changed[2]["baseline"], changed[2]["candidate"]) == ("300", "60")
    single = compare(reader, sides[0][0], sides[1][1])["what_changed"]
    assert [one["field"] for one in single] == ["version", "command", "config MODEL_LOAD_TIMEOUT", "host"]
    assert single[1]["q"] is None


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("version=1,last=2", [5, 4]),
        (" version = 1 , last = 1 ", [5]),
        ("service=open-autoglm,environment=,version=1,last=200", [5, 4, 3, 2, 1, 0]),
        ("version=1,since=2025-11-24T18:30:00Z", [5, 4, 3]),
        ("version=1,until=1764003600000000000", [0]),
    ],
)
def test_selections(reader: Caller, groups: tuple[list[str], list[str]], selection: str, expected: list[int]) -> None:
    chosen = compare(reader, selection, groups[1][0])["baseline"]["launches"]
    assert chosen == [groups[0][n] for n in expected]


@pytest.mark.parametrize(
    "selection",
    [
        "",
        ",",
        "nonsense",
        "17",
        str(uuid.UUID(int=1)),
        "service=nobody",
        "color=red",
        "service=open-autoglm,last=0",
        "last=201",
        "last=" + "9" * 5000,
        "last=-1",
        "last=²",
        "service=a,plain",
        "since=yesterday",
        "since=--5",
        "since=" + "9" * 5000,
        "service=\0",
        "label.a\0=b",
        "since=9223372036854775807",
        "until=-9223372036854775807",
        "version=" + "x" * 9000,
    ],
    ids=lambda text: text[:30],
)
def test_selections_that_cannot_be_read_say_which_side(
    reader: Caller, groups: tuple[list[str], list[str]], selection: str
) -> None:
    good = groups[0][0]
    for side, query in (
        ("baseline", {"baseline": selection, "candidate": good}),
        ("candidate", {"baseline": good, "candidate": selection}),
    ):
        status, body = reader.get("/compare", **query)
        assert (status, body["error"]["code"], body["error"]["where"]) == (400, "invalid_selector", side)
        assert body["error"]["message"]


def test_a_launch_that_is_not_parsed_yet_cannot_be_compared(sender: Caller, reader: Caller) -> None:
    waiting = sender.post(snapshot(phase("a")))[1]["id"]
    good = send(sender, snapshot(phase("b")))
    assert reader.get("/compare", baseline=waiting, candidate=good)[0] == 400
    assert Launch.objects.get(pk=waiting).state == "received"


def test_comparing_asks_the_database_the_same_however_many(
    reader: Caller, groups: tuple[list[str], list[str]], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        compare(reader, "version=1", "version=2")
