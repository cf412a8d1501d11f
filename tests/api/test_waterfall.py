"""Windows of a waterfall, and a launch of 100,000 phases."""

from __future__ import annotations

import pytest

from diagnostics.api.paging import encode
from diagnostics.models import PhaseRecord
from tests.api.conftest import Caller, send
from tests.data.snapshots import MS, T0, Document, large, sequence

pytestmark = pytest.mark.django_db


def test_a_hundred_thousand_phases(sender: Caller, reader: Caller) -> None:
    launch_id = send(sender, large(100_000))

    assert reader.get(f"/launches/{launch_id}")[1]["phases"] == 100_000
    assert PhaseRecord.objects.filter(launch_id=launch_id).count() == 100_000
    first = reader.get(f"/launches/{launch_id}/phases", limit=1000)[1]
    assert [item["id"] for item in first["items"][:3]] == ["s0", "#1", "s1"]
    last = reader.get(f"/launches/{launch_id}/phases", limit=1000, cursor=encode(98_999))[1]
    assert (len(last["items"]), last["next"], last["items"][-1]["path"]) == (1000, None, "step-49999/part-49999")
    whole = reader.client.get(f"/api/v1/launches/{launch_id}/waterfall")
    assert len(whole.content) < 300_000
    start = T0 + 250_000 * MS
    window = {"from": start, "to": start + 100 * MS, "width": 1200}
    labels = str(reader.get(f"/launches/{launch_id}/waterfall", **window)[1]["data"])
    assert "step-25005" in labels
    assert "step-40000" not in labels


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
