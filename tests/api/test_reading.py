"""The reading half of the contract: shapes, filters, pages, and what a bound token sees."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from diagnostics.models import Launch, PhaseRecord
from tests.api.conftest import Caller, issue, send
from tests.data.snapshots import MS, T0, Document, encoded, large, phase, sequence, snapshot

pytestmark = pytest.mark.django_db
LAUNCH = {
    "id", "service", "environment", "version", "host", "status", "state", "start_time", "total_ns", "unaccounted_ns",
    "coverage", "start_class", "milestones", "labels", "phases", "artifacts", "verdict", "headline",
}  # fmt: skip
PHASE = {
    "id", "path", "phase", "parent", "depends_on", "lane", "depth", "start_time", "duration_ns", "self_ns", "slack_ns",
    "critical", "status", "layer", "attributes",
}  # fmt: skip
ARTIFACT = {
    "id", "kind", "state", "error", "launch", "host", "size", "sha256", "parser", "lines", "counts", "time_span",
    "facts",
}  # fmt: skip
DELTA = {
    "phase", "baseline_ns", "candidate_ns", "delta_ns", "ratio", "low", "high", "q", "verdict", "contribution_ns",
    "least_effect", "note",
}  # fmt: skip
FULL = snapshot(
    phase("boot", 0, 100, id="p1", parent=None, attributes={"bytes": 14_000_000_000}),
    phase("load <b>", 10, 80, id="p2", parent="p1", lane="TP0", status="failed"),
    phase("warm-up", 150, 50, depends_on=["p1", "p2"]),
    environment="prod",
    version="2.0",
    host={"name": "gpu-07"},
    labels={"gpu": "H100", "名": "值"},
    milestones={"process_start": T0 - 10 * MS, "health_ok": T0 + 250 * MS},
    events=[{"time": T0 + n, "text": f"line {n}"} for n in range(5)],
)


def test_a_launch(sender: Caller, reader: Caller) -> None:
    launch_id = send(sender, FULL)

    status, launch = reader.get(f"/launches/{launch_id}")

    (artifact,) = launch["artifacts"]
    assert status == 200
    assert launch == {
        "id": launch_id,
        "service": "open-autoglm",
        "environment": "prod",
        "version": "2.0",
        "host": "gpu-07",
        "status": "success",
        "state": "judged",
        "start_time": T0 - 10 * MS,
        "total_ns": 260 * MS,
        "unaccounted_ns": 110 * MS,
        "coverage": pytest.approx(150 / 260),
        "start_class": None,
        "milestones": {"process_start": T0 - 10 * MS, "health_ok": T0 + 250 * MS},
        "labels": {"gpu": "H100", "名": "值"},
        "phases": 3,
        "artifacts": [artifact],
        "verdict": "not enough data",
        "headline": launch["headline"],
    }
    assert launch["headline"]
    assert uuid.UUID(artifact)


def test_a_launch_that_waits_for_its_parser(sender: Caller, reader: Caller) -> None:
    launch_id = sender.post(FULL)[1]["id"]
    status, launch = reader.get(f"/launches/{launch_id}")
    assert (status, launch.keys()) == (200, LAUNCH)
    assert (launch["state"], launch["status"], launch["total_ns"], launch["phases"]) == ("received", "running", None, 0)
    assert reader.get(f"/launches/{launch_id}/phases")[1] == {"items": [], "next": None}
    assert reader.get(f"/launches/{launch_id}/critical-path")[1]["items"] == []
    assert reader.get(f"/launches/{launch_id}/waterfall")[0] == 200


def test_phases(sender: Caller, reader: Caller) -> None:
    phases = reader.get(f"/launches/{send(sender, FULL)}/phases")[1]["items"]

    assert [phase.keys() for phase in phases] == [PHASE] * 3
    assert [(p["id"], p["path"], p["phase"], p["parent"], p["depends_on"], p["lane"], p["depth"]) for p in phases] == [
        ("p1", "boot", "boot", None, [], "", 0),
        ("p2", "boot/load <b>@TP0", "load <b>", "p1", [], "TP0", 1),
        ("#2", "warm-up", "warm-up", None, ["p1", "p2"], "", 0),
    ]
    assert [(p["start_time"], p["duration_ns"], p["self_ns"], p["status"]) for p in phases] == [
        (T0, 100 * MS, 20 * MS, "success"),
        (T0 + 10 * MS, 80 * MS, 80 * MS, "failed"),
        (T0 + 150 * MS, 50 * MS, 50 * MS, "success"),
    ]
    assert phases[0]["attributes"] == {"bytes": 14_000_000_000}


def test_the_critical_path(sender: Caller, reader: Caller) -> None:
    parallel = [
        phase(name, start, took, parent=None)
        for name, start, took in (("long", 0, 100), ("short", 0, 30), ("last", 120, 30))
    ]
    path = reader.get(f"/launches/{send(sender, parallel, '?service=a')}/critical-path")[1]

    assert path.keys() == {"items", "total_ns", "waiting_ns"}
    assert [item["phase"] for item in path["items"]] == ["long", "last"]
    assert all(item["critical"] and item.keys() == PHASE for item in path["items"])
    assert (path["total_ns"], path["waiting_ns"]) == (150 * MS, 20 * MS)


def test_an_artifact_and_its_records(sender: Caller, reader: Caller) -> None:
    launch_id = send(sender, FULL)
    artifact_id = reader.get(f"/launches/{launch_id}")[1]["artifacts"][0]

    artifact = reader.get(f"/artifacts/{artifact_id}")[1]
    assert artifact.keys() == ARTIFACT
    told = {key: artifact[key] for key in ("id", "kind", "state", "error", "launch", "host", "size", "parser")}
    assert told == {
        "id": artifact_id,
        "kind": "snapshot",
        "state": "parsed",
        "error": None,
        "launch": launch_id,
        "host": "gpu-07",
        "size": len(encoded(FULL)),
        "parser": "snapshot/1",
    }
    assert artifact["lines"] == {"total": 8, "read": 8, "skipped": 0}
    assert artifact["counts"] == {"phases": 3, "events": 5, "samples": 0}
    assert artifact["time_span"] == [T0 - 10 * MS, T0 + 250 * MS]

    records = f"/artifacts/{artifact_id}/records"
    assert reader.pages(records, limit=2) == reader.get(f"/launches/{launch_id}/phases")[1]["items"]
    events = reader.pages(records, type="events", limit=2)
    assert [(e["time"], e["line"], e["text"]) for e in events] == [(T0 + n, n + 1, f"line {n}") for n in range(5)]
    assert events[0].keys() == {
        "time", "precision_ns", "clock", "line", "source", "level", "category", "text", "fields",
    }  # fmt: skip
    assert (events[0]["clock"], events[0]["category"]) == ("wall", "other")
    assert reader.get(records, type="samples")[1] == {"items": [], "next": None}


def test_the_raw_file_is_offered_for_download_only(sender: Caller, reader: Caller) -> None:
    document = snapshot(phase("<script>alert(1)</script>"))
    artifact_id = reader.get(f"/launches/{send(sender, document)}")[1]["artifacts"][0]
    response = reader.client.get(f"/api/v1/artifacts/{artifact_id}/raw")
    assert response.content == encoded(document)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.fixture
def catalogue(sender: Caller) -> dict[str, str]:
    """Six launches, by a letter each; the later the letter, the newer and slower."""
    told: dict[str, Document] = {
        "a": {"service": "x", "version": "1", "labels": {"gpu": "H100", "zone": "a"}},
        "b": {"service": "x", "version": "2", "labels": {"gpu": "H100"}, "host": {"name": "h1"}},
        "c": {"service": "x", "environment": "prod", "version": "2"},
        "d": {"service": "y", "version": "1", "host": {"name": "h2"}},
        "e": {"service": "y", "version": "1=2,&ü", "labels": {"k=v": "é"}},
        "f": {"service": "x", "version": "3"},
    }
    ids = {}
    for number, (letter, outside) in enumerate(told.items()):
        steps = [phase("step", number * 1000, 100 * (number + 1), status="failed" if letter == "d" else "success")]
        ids[letter] = send(sender, snapshot(*steps, **outside))
    return ids


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "fedcba"),
        ({"service": "x"}, "fcba"),
        ({"service": "nobody"}, ""),
        ({"service": ""}, ""),
        ({"environment": "prod"}, "c"),
        ({"environment": ""}, "fedba"),
        ({"service": "x", "environment": ""}, "fba"),
        ({"version": "1"}, "da"),
        ({"version": "1=2,&ü"}, "e"),
        ({"host": "h1"}, "b"),
        ({"status": "failed"}, "d"),
        ({"status": "success", "service": "y"}, "e"),
        ({"status": "nonsense"}, ""),
        ({"start_class": "cold"}, ""),
        ({"label": "gpu=H100"}, "ba"),
        ({"label": ["gpu=H100", "zone=a"]}, "a"),
        ({"label": "gpu=T4"}, ""),
        ({"since": str(T0 + 2000 * MS)}, "fedc"),
        ({"since": "2025-11-24T16:00:02Z"}, "fedc"),
        ({"since": "2025-11-24T17:00:02.000000001+01:00"}, "fed"),
        ({"until": "2025-11-24T16:00:02Z"}, "ba"),
        ({"since": "2025-11-24T16:00:01Z", "until": "2025-11-24T16:00:03Z"}, "cb"),
        ({"slower-than": 300 * MS}, "fed"),
        ({"slower_than": 300 * MS}, "fed"),
        ({"slower-than": 2**63 - 1}, ""),
        ({"since": str(-(10**18))}, "fedcba"),
        ({"since": str(10**19 - 1)}, ""),
    ],
)
def test_filters(reader: Caller, catalogue: dict[str, str], query: Document, expected: str) -> None:
    assert [launch["id"] for launch in reader.pages("/launches", **query)] == [catalogue[letter] for letter in expected]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 1000])
def test_pages_are_complete_and_without_duplicates(reader: Caller, catalogue: dict[str, str], limit: int) -> None:
    # All at one instant: the id alone decides the order then.
    Launch.objects.exclude(pk=catalogue["a"]).update(start_time=T0)
    listed = reader.pages("/launches", limit=limit)
    assert {launch["id"] for launch in listed} == set(catalogue.values())
    assert len(listed) == 6
    assert all(launch.keys() == LAUNCH for launch in listed)
    assert listed == reader.pages("/launches")


def test_a_page_that_began_is_not_moved_by_what_arrives(
    sender: Caller, reader: Caller, catalogue: dict[str, str]
) -> None:
    first = reader.get("/launches", limit=3)[1]
    send(sender, snapshot(phase("step", 60_000), service="x"))
    second = reader.get("/launches", limit=3, cursor=first["next"])[1]
    assert [launch["id"] for launch in first["items"] + second["items"]] == [catalogue[letter] for letter in "fedcba"]
    assert second["next"] is None


def test_listing_asks_the_database_the_same_however_long(
    reader: Caller, catalogue: dict[str, str], django_assert_num_queries: Any
) -> None:
    reader.get("/launches", limit=1)
    with django_assert_num_queries(2):
        assert len(reader.get("/launches", limit=1)[1]["items"]) == 1
    with django_assert_num_queries(2):
        assert len(reader.get("/launches", limit=6)[1]["items"]) == 6


def test_services(reader: Caller, catalogue: dict[str, str]) -> None:
    status, page = reader.get("/services")
    assert (status, page["next"]) == (200, None)
    assert [(s["name"], s["environment"], s["runs"]) for s in page["items"]] == [
        ("x", "", 3),
        ("x", "prod", 1),
        ("y", "", 2),
    ]
    assert page["items"][0] == {
        "name": "x",
        "environment": "",
        "last_launch": catalogue["f"],
        "last_version": "3",
        "last_status": "success",
        "last_start": T0 + 5000 * MS,
        "last_total_ns": 600 * MS,
        "p50_ns": 200 * MS,
        "p95_ns": 560 * MS,
        "runs": 3,
        "failed_share": 0.0,
        "open_regressions": 0,
    }
    assert page["items"][2]["failed_share"] == 0.5


def test_series(reader: Caller, catalogue: dict[str, str]) -> None:
    status, page = reader.get("/services/x/series", phase="step")
    assert (status, page["change_points"], page["next"]) == (200, [], None)
    assert page["items"] == [
        {
            "launch": catalogue[letter],
            "start_time": T0 + number * 1000 * MS,
            "version": version,
            "status": "success",
            "duration_ns": 100 * (number + 1) * MS,
            "verdict": None,
        }
        for letter, number, version in (("f", 5, "3"), ("b", 1, "2"), ("a", 0, "1"))
    ]
    assert reader.pages("/services/x/series", limit=1) == page["items"]
    assert reader.pages("/services/x/series", phase="step", limit=2) == page["items"]
    assert [p["launch"] for p in reader.pages("/services/x/series", environment="prod")] == [catalogue["c"]]
    assert reader.get("/services/x/series", phase="nowhere")[1]["items"] == []


def test_a_service_may_be_called_anything(sender: Caller, reader: Caller) -> None:
    for name in ("a/b", "a/series", "série <b>", "%2F"):
        launch_id = send(sender, snapshot(phase("step"), service=name))
        response = reader.client.get(f"/api/v1/services/{_quoted(name)}/series")
        assert [point["launch"] for point in response.json()["items"]] == [launch_id], name


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name)


def test_a_bound_token_sees_only_its_services(sender: Caller, catalogue: dict[str, str]) -> None:
    bound = Caller(issue("read", "y"))
    mine, other = catalogue["d"], catalogue["a"]
    artifact = Caller(issue("read")).get(f"/launches/{other}")[1]["artifacts"][0]

    assert [launch["id"] for launch in bound.pages("/launches")] == [catalogue["e"], mine]
    assert bound.get("/launches", service="x")[1]["items"] == []
    assert [service["name"] for service in bound.get("/services")[1]["items"]] == ["y"]
    assert bound.get(f"/launches/{mine}")[0] == 200
    for path in ("", "/phases", "/critical-path", "/waterfall"):
        status, body = bound.get(f"/launches/{other}{path}")
        assert (status, body["error"]["code"]) == (404, "not_found")
    assert bound.get(f"/artifacts/{artifact}")[0] == 404
    assert bound.get(f"/artifacts/{artifact}/raw")[0] == 404
    assert bound.get(f"/artifacts/{artifact}/records")[0] == 404
    assert bound.get("/services/x/series")[0] == 404
    assert bound.get("/compare", baseline=mine, candidate=other)[0] == 400
    assert bound.get("/compare", baseline=mine, candidate="service=x")[0] == 400


@pytest.mark.parametrize(
    "path",
    ["/launches", "/launches/{}", "/launches/{}/phases", "/launches/{}/waterfall", "/services", "/services/x/series",
     "/regressions", "/compare?baseline={}&candidate={}"],
)  # fmt: skip
def test_who_may_read(sender: Caller, catalogue: dict[str, str], path: str) -> None:
    path = path.format(catalogue["a"], catalogue["b"])
    assert Caller(issue("read")).get(path)[0] == 200
    assert Caller(issue("admin")).get(path)[0] == 200
    assert [Caller(t).get(path)[1]["error"]["code"] for t in (None, "lsr_x")] == ["unauthorized", "unknown_token"]
    status, body = sender.get(path)
    assert (status, body["error"]["code"]) == (403, "wrong_scope")


def test_a_hundred_thousand_phases(sender: Caller, reader: Caller) -> None:
    launch_id = send(sender, large(100_000))

    assert reader.get(f"/launches/{launch_id}")[1]["phases"] == 100_000
    assert PhaseRecord.objects.filter(launch_id=launch_id).count() == 100_000
    first = reader.get(f"/launches/{launch_id}/phases", limit=1000)[1]
    assert [item["id"] for item in first["items"][:3]] == ["s0", "#1", "s1"]
    last = reader.get(f"/launches/{launch_id}/phases", limit=1000, cursor=_cursor(98_999))[1]
    assert (len(last["items"]), last["next"], last["items"][-1]["path"]) == (1000, None, "step-49999/part-49999")
    whole = reader.client.get(f"/api/v1/launches/{launch_id}/waterfall")
    assert len(whole.content) < 300_000
    start = T0 + 250_000 * MS
    window = {"from": start, "to": start + 100 * MS, "width": 1200}
    labels = str(reader.get(f"/launches/{launch_id}/waterfall", **window)[1]["data"])
    assert "step-25005" in labels
    assert "step-40000" not in labels


def _cursor(position: int) -> str:
    from diagnostics.api.paging import encode

    return encode(position)


def test_waterfall_windows(sender: Caller, reader: Caller) -> None:
    launch_id = send(sender, sequence(100, 200, 300))
    path = f"/launches/{launch_id}/waterfall"

    status, figure = reader.get(path)
    assert status == 200
    assert figure.keys() >= {"data", "layout"}
    assert all(f"step-{n}" in str(figure["data"]) for n in range(3))
    early = reader.get(path, **{"from": T0, "to": T0 + 50 * MS})[1]
    assert "step-0" in str(early["data"])
    assert "step-2" not in str(early["data"])
    by_clock = reader.get(path, **{"from": "2025-11-24T16:00:00.4Z", "to": "2025-11-24T16:00:00.5Z"})[1]
    assert "step-2" in str(by_clock["data"])


@pytest.mark.parametrize(
    "query",
    [
        {"from": -(2**63) + 1, "to": 2**63 - 1},
        {"from": 2**63 - 2, "to": 2**63 - 1},
        {"from": 2**63 - 1},
        {"to": -(2**63)},
        {"to": 0},
        {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"},
        {"from": T0, "to": T0 + 1},
        {"width": 50},
        {"width": 10_000},
        {"fold": "0,1,2,999999999"},
        {"fold": ","},
        {"ghosts": "false"},
    ],
    ids=str,
)
def test_windows_far_off_are_drawn_empty_or_whole(sender: Caller, reader: Caller, query: Document) -> None:
    launch_id = send(sender, sequence(100, 200, 300))
    assert reader.get(f"/launches/{launch_id}/waterfall", **query)[0] == 200


UNKNOWN = uuid.UUID(int=1)


@pytest.mark.parametrize(
    ("path", "query", "status", "code", "where"),
    [
        ("/launches", {"limit": 0}, 422, "invalid_parameter", "limit"),
        ("/launches", {"limit": 1001}, 422, "invalid_parameter", "limit"),
        ("/launches", {"limit": "many"}, 422, "invalid_parameter", "limit"),
        ("/launches", {"limit": "9" * 5000}, 422, "invalid_parameter", "limit"),
        ("/launches", {"cursor": "nonsense"}, 400, "invalid_cursor", "cursor"),
        ("/launches", {"cursor": ""}, 200, "", ""),
        ("/launches", {"cursor": "\0"}, 400, "invalid_cursor", "cursor"),
        ("/launches", {"cursor": "é"}, 400, "invalid_cursor", "cursor"),
        ("/launches", {"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OmE"}, 400, "invalid_cursor", "cursor"),
        ("/launches", {"since": ""}, 422, "invalid_parameter", "since"),
        ("/launches", {"since": "--5"}, 422, "invalid_parameter", "since"),
        ("/launches", {"since": "9" * 400}, 422, "invalid_parameter", "since"),
        ("/launches", {"since": "٣"}, 422, "invalid_parameter", "since"),
        ("/launches", {"until": "tomorrow"}, 422, "invalid_parameter", "until"),
        ("/launches", {"slower-than": -1}, 422, "invalid_parameter", "slower-than"),
        ("/launches", {"slower-than": 2**63}, 422, "invalid_parameter", "slower-than"),
        ("/launches", {"slower_than": "9" * 5000}, 422, "invalid_parameter", "slower_than"),
        ("/launches", {"slower_than": "x"}, 422, "invalid_parameter", "slower_than"),
        ("/launches", {"label": "gpu"}, 422, "invalid_parameter", "label"),
        ("/launches", {"label": "a=\0"}, 422, "invalid_parameter", "0"),
        ("/launches", {"service": "\0"}, 422, "invalid_parameter", "service"),
        ("/launches", {"version": "x" * 501}, 422, "invalid_parameter", "version"),
        (f"/launches/{UNKNOWN}", {}, 404, "not_found", f"/api/v1/launches/{UNKNOWN}"),
        ("/launches/17", {}, 404, "not_found", "/api/v1/launches/17"),
        (f"/launches/{UNKNOWN}/phases", {}, 404, "not_found", f"/api/v1/launches/{UNKNOWN}/phases"),
        (f"/launches/{UNKNOWN}/nothing", {}, 404, "not_found", f"/api/v1/launches/{UNKNOWN}/nothing"),
        ("/nothing", {}, 404, "not_found", "/api/v1/nothing"),
        (f"/artifacts/{UNKNOWN}", {}, 404, "not_found", f"/api/v1/artifacts/{UNKNOWN}"),
        (f"/artifacts/{UNKNOWN}/raw", {}, 404, "not_found", f"/api/v1/artifacts/{UNKNOWN}/raw"),
        ("/services/nobody/series", {}, 404, "not_found", "/api/v1/services/nobody/series"),
        ("/services/a%00b/series", {}, 404, "not_found", "/api/v1/services/a\0b/series"),
        ("/services/x/series", {"cursor": "x"}, 404, "not_found", "/api/v1/services/x/series"),
        ("/services/x/series", {"phase": "\0"}, 422, "invalid_parameter", "phase"),
        ("/services/x/series", {"environment": "\0"}, 422, "invalid_parameter", "environment"),
        ("/regressions", {"state": "odd"}, 422, "invalid_parameter", "state"),
        ("/regressions", {"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}, 400, "invalid_cursor", "cursor"),
        ("/regressions", {"service": "\0"}, 422, "invalid_parameter", "service"),
        ("/compare", {}, 422, "invalid_parameter", "baseline"),
        ("/compare", {"baseline": "x" * 10_001, "candidate": "x"}, 422, "invalid_parameter", "baseline"),
    ],
)
def test_requests_that_cannot_be_answered(
    reader: Caller, path: str, query: Document, status: int, code: str, where: str
) -> None:
    got, body = reader.get(path, **query)
    assert got == status, body
    if status != 200:
        error = body["error"]
        assert (error["code"], error["where"]) == (code, where), error
        assert error["message"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/phases", {"cursor": "x"}),
        ("/phases", {"cursor": "LTk5OTk5OTk5OTk5OTk5OTk5OTk5"}),
        ("/phases", {"limit": -5}),
        ("/waterfall", {"width": 49}),
        ("/waterfall", {"width": "1e3"}),
        ("/waterfall", {"from": "later"}),
        ("/waterfall", {"from": "1--5"}),
        ("/waterfall", {"from": 5, "to": 5}),
        ("/waterfall", {"from": 6, "to": 5}),
        ("/waterfall", {"fold": "a"}),
        ("/waterfall", {"fold": "1,-2"}),
        ("/waterfall", {"fold": "9" * 20}),
        ("/waterfall", {"fold": "x" * 501}),
        ("/waterfall", {"ghosts": "perhaps"}),
    ],
    ids=str,
)
def test_parts_of_a_launch_asked_for_wrongly(sender: Caller, reader: Caller, path: str, query: Document) -> None:
    launch_id = send(sender, sequence(10))
    status, body = reader.get(f"/launches/{launch_id}{path}", **query)
    assert status in (400, 422), body
    assert body["error"]["where"] in query


@pytest.mark.parametrize("query", [{"type": "odd"}, {"cursor": "x"}, {"limit": 0}], ids=str)
def test_records_asked_for_wrongly(sender: Caller, reader: Caller, query: Document) -> None:
    artifact_id = sender.post(sequence(10))[1]["artifact"]
    status, body = reader.get(f"/artifacts/{artifact_id}/records", **query)
    assert status in (400, 422), body
    assert [body["error"]["where"]] == list(query)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
@pytest.mark.parametrize("path", ["/services", "/launches/" + str(UNKNOWN), "/regressions"])
def test_other_methods_are_refused_in_the_same_shape(reader: Caller, method: str, path: str) -> None:
    response = getattr(reader.client, method)(f"/api/v1{path}")
    assert (response.status_code, response["Allow"]) == (405, "GET")
    assert response.json()["error"]["code"] == "method_not_allowed"
    assert response.json()["error"]["where"] == f"/api/v1{path}"
