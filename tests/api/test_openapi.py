"""The document that describes the API is complete, resolves, and matches what is really answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from diagnostics.api import api
from tests.api.conftest import Caller, send
from tests.api.json_schema import fits, problems, resolved
from tests.data.snapshots import phase, sequence, snapshot


@pytest.fixture(scope="module")
def document() -> Any:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    return response.json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref":
                yield item
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_every_path_of_the_contract_is_in_it(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Launchscope"
    assert "/api/v1/schemas/snapshot.json" in document["info"]["description"]
    assert {(method, path) for path, method, _ in operations(document)} >= {
        ("post", "/api/v1/launches"),
        ("get", "/api/v1/launches"),
        ("get", "/api/v1/launches/{launch_id}"),
        ("get", "/api/v1/launches/{launch_id}/phases"),
        ("get", "/api/v1/launches/{launch_id}/waterfall"),
        ("get", "/api/v1/launches/{launch_id}/critical-path"),
        ("get", "/api/v1/artifacts/{artifact_id}"),
        ("get", "/api/v1/artifacts/{artifact_id}/records"),
        ("get", "/api/v1/artifacts/{artifact_id}/raw"),
        ("post", "/api/v1/artifacts/{artifact_id}/parse"),
        ("post", "/api/v1/bundles"),
        ("get", "/api/v1/launches/{launch_id}/evidence"),
        ("get", "/api/v1/launches/{launch_id}/findings"),
        ("get", "/api/v1/compare"),
        ("get", "/api/v1/services"),
        ("get", "/api/v1/services/{name}/series"),
        ("get", "/api/v1/regressions"),
        ("get", "/api/v1/regressions/{regression_id}"),
        ("patch", "/api/v1/regressions/{regression_id}"),
        ("put", "/api/v1/services/{name}/baseline"),
        ("post", "/api/v1/services/{name}/baseline/begin"),
        ("get", "/api/v1/schemas/snapshot.json"),
    }
    assert not any("{path" in path or "{rest" in path for path in document["paths"])


def test_every_reference_leads_somewhere(document: Any) -> None:
    told = set(references(document))
    assert len(told) > 10
    for reference in told:
        assert resolved(reference, document)


def test_every_operation_is_described(document: Any) -> None:
    ids = []
    for path, method, operation in operations(document):
        ids.append(operation["operationId"])
        assert operation["summary"] or operation["description"], (method, path)
        declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path)), path
        assert all(p["required"] for p in operation.get("parameters", []) if p["in"] == "path")
        assert {"200", "201", "204"} & operation["responses"].keys(), path
        assert all(response["description"] for response in operation["responses"].values())
    assert len(ids) == len(set(ids))


def test_what_needs_a_token_says_so(document: Any) -> None:
    schemes = document["components"]["securitySchemes"]
    for path, _, operation in operations(document):
        names = {name for option in operation.get("security", []) for name in option}
        assert bool(names) == ("/schemas/" not in path), path
        assert names <= schemes.keys()


def test_the_snapshot_is_what_the_schema_says(document: Any) -> None:
    body = document["paths"]["/api/v1/launches"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert fits([phase("a")], body, document)
    assert fits(snapshot(phase("a")), body, document)
    assert not fits([phase("a") | {"status": "?"}], body, document)
    assert not fits({"phases": 1}, body, document)


@pytest.mark.django_db
def test_real_answers_fit_their_schemas(document: Any, sender: Caller, reader: Caller) -> None:
    ids = [send(sender, sequence(100, 200 + n, number=n, labels={"a": "b"})) for n in range(7)]
    artifact = reader.get(f"/launches/{ids[0]}")[1]["artifacts"][0]
    asked: dict[str, Any] = {
        "/launches": {},
        f"/launches/{ids[0]}": {},
        f"/launches/{ids[0]}/phases": {},
        f"/launches/{ids[0]}/critical-path": {},
        f"/launches/{ids[0]}/evidence": {},
        f"/launches/{ids[0]}/findings": {},
        f"/artifacts/{artifact}/raw": {"line": 1},
        f"/artifacts/{artifact}": {},
        f"/artifacts/{artifact}/records": {},
        "/compare": {"baseline": ids[0], "candidate": "service=open-autoglm"},
        "/services": {},
        "/services/open-autoglm/series": {"phase": "step-0"},
        "/regressions": {},
        "/nothing": None,
    }
    for path, query in asked.items():
        status, answer = reader.get(path, **(query or {}))
        if query is None:
            schema = {"$ref": "#/components/schemas/ErrorOut"}
        else:
            template = path.replace(ids[0], "{launch_id}").replace(artifact, "{artifact_id}")
            operation = document["paths"]["/api/v1" + template.replace("/open-autoglm/", "/{name}/")]["get"]
            schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
        assert list(problems(answer, schema, document)) == [], path


def test_ninjas_own_schema_is_the_same() -> None:
    assert api.get_openapi_schema()["paths"].keys() == Client().get("/api/v1/openapi.json").json()["paths"].keys()
