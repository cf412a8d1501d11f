"""What cannot be answered is refused with code, message and place; never a 500."""

from __future__ import annotations

import uuid

import pytest

from tests.api.conftest import Caller, send
from tests.data.snapshots import Document, sequence

pytestmark = pytest.mark.django_db


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


def test_more_parameters_than_are_read(reader: Caller, sender: Caller) -> None:
    many = "&".join(f"p{n}=1" for n in range(1001))
    for answer in (reader.client.get(f"/api/v1/launches?{many}"), sender.client.post(f"/api/v1/launches?{many}")):
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "too_many_parameters"


@pytest.mark.parametrize("path", ["/launches/%0a", "/services/%0a/series", "/%0a", "/launches/%0a/phases"])
def test_a_path_that_no_route_takes_is_told_in_json(reader: Caller, path: str) -> None:
    answer = reader.client.get(f"/api/v1{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_a_host_name_that_is_not_allowed_is_told_in_json(reader: Caller) -> None:
    answer = reader.client.get("/api/v1/launches", headers={"host": "evil.example"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["where"]) == ("unknown_host", "Host")
    assert "evil.example" in error["message"]
    assert "ALLOWED_HOSTS" in error["message"]


def test_a_nul_in_a_parameter_is_told_in_words(reader: Caller) -> None:
    assert "NUL" in reader.get("/launches", service="\0")[1]["error"]["message"]


def test_a_service_with_a_newline_in_its_name_is_read(sender: Caller, reader: Caller) -> None:
    send(sender, sequence(10) | {"service": "a\nb"})
    assert len(reader.get("/services/a%0Ab/series")[1]["items"]) == 1
    assert reader.get("/services/a%0Ab/baseline")[0] == 200
