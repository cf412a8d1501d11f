"""Settings › Traces."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from diagnostics import ingest
from diagnostics.models import Launch, OtlpTrace, TraceRule
from diagnostics.parsers.otlp import DEFAULT_RULES
from tests.data.spans import TRACE, Told, protobuf

pytestmark = pytest.mark.django_db


def shown(client: Client) -> list[str]:
    page = client.get("/settings/traces/").content.decode()
    rules = page[page.index("The trace has") : page.index("no rule takes it")]
    return re.findall(r'<th scope="row" class="fw-normal">([^<]*)</th>', rules)


def send(*spans: Told) -> None:
    accepted = ingest.accept_traces(protobuf(*spans), is_json=False)
    assert accepted.artifact
    ingest.parse(accepted.artifact)


def test_everybody_begins_with_the_same_rules(viewer: Client) -> None:
    assert [name.replace("&#x27;", "'") for name in shown(viewer)] == [rule.name for rule in DEFAULT_RULES]
    assert not TraceRule.objects.exists()


def test_a_rule_is_added_first_and_moved_and_removed(editor: Client) -> None:
    given = {"verdict": "request", "name": "cron", "span": "cron *"}
    assert editor.post("/settings/traces/add", given)["Location"] == "/settings/traces/"
    assert shown(editor)[:2] == ["cron", DEFAULT_RULES[0].name]
    editor.post("/settings/traces/0/down")
    assert shown(editor)[:2] == [DEFAULT_RULES[0].name, "cron"]
    editor.post("/settings/traces/1/up")
    editor.post("/settings/traces/0/up")
    assert shown(editor)[0] == "cron"
    editor.post("/settings/traces/0/remove")
    assert [name.replace("&#x27;", "'") for name in shown(editor)] == [rule.name for rule in DEFAULT_RULES]
    assert TraceRule.objects.exists()
    editor.post("/settings/traces/reset")
    assert not TraceRule.objects.exists()


def test_a_rule_that_asks_for_nothing_is_refused(editor: Client) -> None:
    page = editor.post("/settings/traces/add", {"verdict": "launch", "name": "all"}).content.decode()
    assert "Say what the trace must have" in page
    assert not TraceRule.objects.exists()


@pytest.mark.parametrize("path", ["add", "reset", "0/up", f"{uuid.UUID(TRACE)}/again"])
def test_viewers_change_nothing(viewer: Client, path: str) -> None:
    assert viewer.post(f"/settings/traces/{path}").status_code == 403
    assert "new-rule" not in viewer.get("/settings/traces/").content.decode()


def test_last_traces_and_deciding_again(editor: Client, settings: object) -> None:
    send(Told(1, "<b>nightly", 0, 50))
    page = editor.get("/settings/traces/").content.decode()
    assert "&lt;b&gt;nightly" in page
    assert f"/launches/{uuid.UUID(TRACE)}/" in page
    editor.post("/settings/traces/add", {"verdict": "request", "name": "batch", "span": "<b>*", "service": "gl?"})
    editor.post(f"/settings/traces/{uuid.UUID(TRACE)}/again")
    OtlpTrace.objects.update(touched_at="2026-01-01T00:00:00Z")
    assert ingest.settle(uuid.UUID(TRACE)) is None
    assert not Launch.objects.exists()
    assert OtlpTrace.objects.get().rule == "batch"


def test_without_traces_it_says_how_to_send_some(viewer: Client) -> None:
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in viewer.get("/settings/traces/").content.decode()


def test_forwarding_is_told(viewer: Client, settings: object) -> None:
    assert "nothing is forwarded now" in viewer.get("/settings/traces/").content.decode()
    settings.FORWARD_OTLP_ENDPOINT = "http://collector:4318"  # type: ignore[attr-defined]
    assert "http://collector:4318" in viewer.get("/settings/traces/").content.decode()


def test_a_launch_of_many_requests_shows_a_few_of_them(viewer: Client, settings: Any) -> None:
    settings.OTLP_QUIET = 0.0
    for number in range(1, 26):
        accepted = ingest.accept_traces(
            protobuf(Told(number, f"step {number}", number, parent=number > 1)), is_json=False
        )
        assert accepted.artifact
        ingest.parse(accepted.artifact)
    ingest.settle(uuid.UUID(TRACE))
    page = viewer.get(f"/launches/{uuid.UUID(TRACE)}/").content.decode()
    assert "and 20 more requests of spans" in page
    assert page.count("/raw") == 10 + 5
