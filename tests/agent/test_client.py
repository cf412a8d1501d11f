"""The Python client, held to the OpenAPI document; tests/api/test_real_client.py uses it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from diagnostics.agent import client_alerts
from diagnostics.agent.client import ApiError, Client
from diagnostics.api import api

OWN = {"pages", "wait_until_judged"}


def operations() -> Iterator[tuple[str, str, str, Any]]:
    document = api.get_openapi_schema()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation["operationId"], {**operation, "components": document["components"]}


def named(name: str) -> str:
    return "from_" if name == "from" else name.replace("-", "_")


def parameters(operation: Any) -> set[str]:
    """What the document lets one say: parameters, and the fields of a JSON body of known fields."""
    told = {named(one["name"]) for one in operation.get("parameters", [])}
    content = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((one["schema"] for one in content.values()), {})
    if "$ref" in schema:
        schema = operation["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if list(content) == ["application/json"] and "properties" in schema:
        return told | {named(name) for name in schema["properties"]}
    return told | ({"body"} if content else set()) | ({"content_type"} if len(content) == 2 else set())


def arguments(name: str) -> dict[str, bool]:
    """What a method takes, and whether it has to be told; fields that two methods share are unpacked."""
    found: dict[str, bool] = {}
    for one in inspect.signature(getattr(Client, name)).parameters.values():
        if one.kind is one.VAR_KEYWORD:
            fields = getattr(client_alerts, str(one.annotation).removeprefix("Unpack[").removesuffix("]"))
            found |= {field: field in fields.__required_keys__ for field in fields.__annotations__}
        elif one.name != "self":
            found[one.name] = one.default is one.empty
    return found


def test_there_is_a_method_for_every_operation_and_none_else() -> None:
    methods = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert methods - OWN == {name for _, _, name, _ in operations()}


@pytest.mark.parametrize(
    ("method", "path", "name", "operation"), [pytest.param(*one, id=one[2]) for one in operations()]
)
def test_a_method_says_what_its_operation_can_be_told(method: str, path: str, name: str, operation: Any) -> None:
    assert set(arguments(name)) == parameters(operation)

    asked: list[tuple[str, str]] = []

    class Spy(Client):
        def _call(self, method: str, path: str, *_: Any, **__: Any) -> Any:
            asked.append((method, path))

    places = {one["name"]: "{" + one["name"] + "}" for one in operation.get("parameters", []) if one["in"] == "path"}
    needed = {one: places.get(one, "x") for one, is_needed in arguments(name).items() if is_needed}
    getattr(Spy("http://127.0.0.1:1"), name)(**needed)
    assert asked == [(method, path.replace("{", "%7B").replace("}", "%7D"))]


def test_nobody_there_is_told_after_the_patience() -> None:
    waits: list[float] = []
    client = Client("http://127.0.0.1:9", "t", patience=3.0, wait=waits.append)
    with pytest.raises(ApiError, match="does not answer"):
        client.markers_send(service="x")
    assert waits == []
    client = Client("http://127.0.0.1:9", "t", patience=0.0, wait=waits.append)
    with pytest.raises(ApiError, match="does not answer"):
        client.launches_listed()


def test_an_address_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAUNCHSCOPE_URL", raising=False)
    with pytest.raises(ValueError, match="LAUNCHSCOPE_URL"):
        Client()
    monkeypatch.setenv("LAUNCHSCOPE_URL", "http://host:8000/")
    monkeypatch.setenv("LAUNCHSCOPE_TOKEN", "lsr_x")
    assert (Client().url, Client().token) == ("http://host:8000", "lsr_x")
