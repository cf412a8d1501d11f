from __future__ import annotations

import uuid

import pytest

from diagnostics.agent.failure import NOTHING_FOUND, Failure
from diagnostics.agent.request_trace import find
from diagnostics.agent.server import Server
from tests.agent.launches import judged, url_of
from tests.data.snapshots import phase, snapshot
from tests.durability.instance import Instance


@pytest.fixture
def server(served: Instance) -> Server:
    return Server(url_of(served), served.token, 30.0)


@pytest.mark.parametrize("form", [str, lambda known: known.hex])
def test_a_launch_by_its_id_or_its_trace_id(served: Instance, server: Server, form: object) -> None:
    known = uuid.uuid4()
    judged(served, snapshot(phase("boot", 0, 100), phase("serve", 100, 50), launch_id=str(known)))
    trace = find(server, form(known))  # type: ignore[operator]
    assert (trace.kind, trace.id) == ("launch", str(known))
    assert [(span["phase"], span["critical"]) for span in trace.spans] == [("boot", True), ("serve", True)]


def test_a_launch_by_its_label(served: Instance, server: Server) -> None:
    launch = judged(served, snapshot(phase("boot"), labels={"request_id": "req-42"}))
    assert find(server, "req-42").id == launch


@pytest.mark.parametrize("wanted", ["req-43", "9597ae77-2f3f-4d78-b470-dacb1f62ada1"])
def test_nobody_carries_it(server: Server, wanted: str) -> None:
    with pytest.raises(Failure, match=wanted) as failure:
        find(server, wanted)
    assert failure.value.code == NOTHING_FOUND
