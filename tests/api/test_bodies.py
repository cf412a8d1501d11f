"""JSON bodies, whichever endpoint they are for."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
import zstandard
from django.test import override_settings

from tests.api.conftest import Caller, issue
from tests.data.snapshots import encoded

pytestmark = pytest.mark.django_db
MARKER = {"service": "x", "version": "2", "text": "é启"}


@pytest.fixture
def post(sender: Caller) -> Any:
    def post(body: bytes, **headers: str) -> tuple[int, Any]:
        response = sender.client.post(
            "/api/v1/markers", body, content_type=headers.pop("content_type", "application/json"), headers=headers
        )
        return response.status_code, response.json()

    return post


def test_they_may_be_packed_like_any_other(post: Any) -> None:
    assert post(gzip.compress(encoded(MARKER)), content_encoding="gzip")[0] == 201
    assert post(zstandard.compress(encoded(MARKER)), content_encoding="zstd")[1]["text"] == "é启"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "invalid_json"),
        (b"\xff\xfe", {}, 400, "invalid_json"),
        (b'{"service": "\\ud800"}', {}, 400, "invalid_json"),
        (b'{"service": NaN}', {}, 400, "invalid_json"),
        (b"[" * 100_000, {}, 400, "invalid_json"),
        (b'{"service": "\\u0000"}', {}, 422, "invalid_parameter"),
        (b'{"service": "x", "time": 9999999999999999999999}', {}, 422, "invalid_parameter"),
        (b'{"service": "x", "time": true}', {}, 422, "invalid_parameter"),
        (b"", {}, 422, "invalid_parameter"),
        (b"[]", {}, 422, "invalid_parameter"),
        (encoded(MARKER), {"content_encoding": "gzip"}, 400, "invalid_gzip"),
        (encoded(MARKER), {"content_encoding": "br"}, 415, "unsupported_encoding"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_read_says_why(post: Any, body: bytes, headers: Any, status: int, code: str) -> None:
    got, answer = post(body, **headers)
    assert (got, answer["error"]["code"]) == (status, code), answer


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000, MAX_DECOMPRESSED_BYTES=1000)
def test_they_are_capped(post: Any) -> None:
    told = {**MARKER, "text": "x" * 1000}
    assert post(encoded(told))[1]["error"]["code"] == "body_too_large"
    assert post(gzip.compress(encoded(told)), content_encoding="gzip")[0] == 413


def test_a_whole_number_with_a_point_is_one(post: Any) -> None:
    assert post(b'{"service": "x", "time": 1764000000000000000.0}')[1]["time"] == 1764000000000000000


def test_a_parameter_told_twice_is_refused(reader: Caller) -> None:
    response = reader.client.get("/api/v1/launches?service=a&service=b")
    assert response.status_code == 422
    assert response.json()["error"]["where"] == "service"
    assert reader.client.get("/api/v1/launches?label=a=1&label=b=2").status_code == 200
    assert Caller(issue("read")).client.get("/api/v1/services?x=1").status_code == 200
