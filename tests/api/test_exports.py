"""Launches and comparisons taken away, and brought back."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from diagnostics.models import Launch
from tests.api.conftest import Caller, work
from tests.data.snapshots import phase, snapshot
from tests.views.conftest import launched

pytestmark = pytest.mark.django_db
ID = uuid.UUID(int=77)
ODD = "</script><b>配置 & “more”"


def rich() -> Launch:
    """A launch with all that an export has to carry."""
    first = phase(ODD, 0, 100, id="a", lane="TP0", attributes={"bytes": 14_000_000_000, "ratio": 0.5, "list": [1, "b"]})
    return launched(
        snapshot(
            first,
            phase("load", 100, 400, id="b", depends_on=["a"], lane="TP0"),
            phase("shard", 120, 300, id="c", parent="b", lane="TP1", status="failed"),
            phase("overlaps", 300, 500, id="d", lane="TP0"),
            launch_id=str(ID),
            version="1.4.2",
            host={"name": "gpu-07", "boot_id": "b0"},
            labels={"image": "x@sha256:1"},
            config={"MODEL_LOAD_TIMEOUT": {"expected": "300", "actual": "60"}},
        )
    )


def got(api: Caller, path: str) -> Any:
    response = api.client.get(f"/api/v1{path}")
    assert response.status_code == 200, response.content
    assert response["Content-Disposition"].startswith("attachment; filename=")
    return response


def everything(api: Caller) -> tuple[Any, Any]:
    """What the API tells of the launch, without what names this storing of it."""
    _, launch = api.get(f"/launches/{ID}")
    phases = api.pages(f"/launches/{ID}/phases")
    for name in ("artifacts", "headline", "verdict"):
        launch.pop(name)
    return launch, phases


def test_a_snapshot_comes_back_the_same(reader: Caller, sender: Caller) -> None:
    rich()
    before = everything(reader)
    exported = got(reader, f"/launches/{ID}/export?format=snapshot").content
    Launch.objects.get(pk=ID).delete()
    launched(orjson.loads(exported))
    assert everything(reader) == before


def test_chrome_trace_slices_nest_in_each_thread(reader: Caller) -> None:
    launch = rich()
    trace = orjson.loads(got(reader, f"/launches/{ID}/export?format=chrome-trace").content)
    assert trace["baseTimeNanoseconds"] == launch.start_time
    slices = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    assert sorted(event["name"] for event in slices) == sorted([ODD, "load", "shard", "overlaps"])
    for thread in {event["tid"] for event in slices}:
        stack: list[float] = []
        for event in sorted((e for e in slices if e["tid"] == thread), key=lambda e: (e["ts"], -e["dur"])):
            while stack and stack[-1] <= event["ts"]:
                stack.pop()
            assert not stack or event["ts"] + event["dur"] <= stack[-1]
            stack.append(event["ts"] + event["dur"])
    failed = next(event for event in slices if event["name"] == "shard")
    assert failed["args"]["launchscope"]["status"] == "failed"
    assert failed["args"]["launchscope"]["parent"] == "b"


def test_a_chrome_trace_comes_back_the_same(reader: Caller, sender: Caller) -> None:
    rich()
    before = everything(reader)
    exported = got(reader, f"/launches/{ID}/export?format=chrome-trace").content
    Launch.objects.get(pk=ID).delete()
    sent = sender.client.post(
        f"/api/v1/artifacts?kind=auto&launch={ID}&service=open-autoglm&environment={before[0]['environment']}",
        exported,
        content_type="application/octet-stream",
    )
    assert sent.status_code == 202, sent.content
    assert sent.json()["kind"] == "chrome-trace"
    work(sent.json()["id"])
    assert everything(reader) == before


def test_otlp_is_in_the_form_of_the_specification(reader: Caller) -> None:
    rich()
    document = orjson.loads(got(reader, f"/launches/{ID}/export?format=otlp").content)
    resource = document["resourceSpans"][0]
    named = {one["key"]: one["value"] for one in resource["resource"]["attributes"]}
    assert named["service.name"] == {"stringValue": "open-autoglm"}
    assert named["launchscope.label.image"] == {"stringValue": "x@sha256:1"}
    spans = {span["name"]: span for span in resource["scopeSpans"][0]["spans"]}
    assert {span["traceId"] for span in spans.values()} == {ID.hex}
    assert all(len(span["spanId"]) == 16 for span in spans.values())
    assert spans["shard"]["parentSpanId"] == spans["load"]["spanId"]
    assert spans["load"]["links"] == [{"traceId": ID.hex, "spanId": spans[ODD]["spanId"]}]
    assert spans["shard"]["status"] == {"code": 2}
    assert int(spans["load"]["endTimeUnixNano"]) - int(spans["load"]["startTimeUnixNano"]) == 400_000_000
    attributes = {one["key"]: one["value"] for one in spans[ODD]["attributes"]}
    assert attributes["bytes"] == {"intValue": "14000000000"}


def test_tables_have_every_phase(reader: Caller) -> None:
    rich()
    rows = list(csv.DictReader(io.StringIO(got(reader, f"/launches/{ID}/export?format=csv").content.decode())))
    table = pq.read_table(io.BytesIO(got(reader, f"/launches/{ID}/export?format=parquet").content)).to_pylist()
    told = reader.pages(f"/launches/{ID}/phases")
    assert [row["phase"] for row in rows] == [row["phase"] for row in table] == [one["phase"] for one in told]
    assert [int(row["duration_ns"]) for row in rows] == [one["duration_ns"] for one in told]
    assert [row["self_ns"] for row in table] == [one["self_ns"] for one in told]
    assert orjson.loads(table[0]["attributes"]) == told[0]["attributes"]


def test_a_name_is_no_formula(reader: Caller) -> None:
    launched(snapshot(phase("=cmd|' /C calc'!A0"), launch_id=str(ID)))
    assert b"'=cmd" in got(reader, f"/launches/{ID}/export?format=csv").content


def test_a_page_for_a_ticket_holds_everything_and_runs_nothing_of_a_name(reader: Caller) -> None:
    rich()
    page = got(reader, f"/launches/{ID}/export?format=html").content.decode()
    assert "</script><b>" not in page
    assert "Plotly.newPlot" in page
    assert "src=" not in page.split("<script>")[0]
    assert "gpu-07" in page


@pytest.mark.parametrize(("wanted", "begins"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("html", b"<!doctype html>")])
def test_a_waterfall_as_a_picture(reader: Caller, wanted: str, begins: bytes) -> None:
    rich()
    picture = got(reader, f"/launches/{ID}/figure?format={wanted}&width=800&theme=dark").content
    assert picture.startswith(begins)


def test_without_a_browser_there_is_a_sentence(reader: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    rich()
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    status, answer = reader.get(f"/launches/{ID}/figure?format=png")
    assert status == 503
    assert answer["error"]["code"] == "no_picture"
    assert "Chromium is not installed" in answer["error"]["message"]


def test_a_comparison_as_a_table_adds_up(reader: Caller) -> None:
    before = launched(snapshot(phase("load", 0, 100), phase("warm", 100, 50)))
    after = launched(snapshot(phase("load", 0, 180), phase("fresh", 180, 20)))
    sides = f"baseline={before.pk}&candidate={after.pk}"
    text = got(reader, f"/compare/export?format=csv&{sides}").content.decode()
    total, *rows = list(csv.DictReader(io.StringIO(text)))
    assert total["row"] == "total"
    assert sum(int(row["contribution_ns"]) for row in rows) == int(total["delta_ns"])
    trace = orjson.loads(got(reader, f"/compare/export?format=chrome-trace&{sides}").content)
    assert {event["pid"] for event in trace["traceEvents"]} == {1, 2}
    both = orjson.loads(got(reader, f"/compare/export?format=otlp&{sides}").content)
    assert len(both["resourceSpans"]) == 2
    assert pq.read_table(io.BytesIO(got(reader, f"/compare/export?format=parquet&{sides}").content)).num_rows == 5
    assert got(reader, f"/compare/figure?kind=contributions&format=svg&{sides}").content.startswith(b"<svg")


@pytest.mark.parametrize("path", ["export?format=xml", "figure?format=gif", "figure?from=5&to=3"])
def test_what_is_not_there_is_said(reader: Caller, path: str) -> None:
    rich()
    assert reader.get(f"/launches/{ID}/{path}")[0] == 422


def test_numbers_that_64_bits_do_not_hold_stay_what_they_are(reader: Caller) -> None:
    launched(snapshot(phase("a", attributes={"n": 10**30 + 1}), launch_id=str(ID)))
    assert reader.pages(f"/launches/{ID}/phases")[0]["attributes"] == {"n": 10**30 + 1}
    for form in ("snapshot", "chrome-trace", "csv", "otlp"):
        assert str(10**30 + 1).encode() in got(reader, f"/launches/{ID}/export?format={form}").content
