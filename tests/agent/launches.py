"""Launches on a real server, sent and judged."""

from __future__ import annotations

from typing import Any

from tests.conftest import wait_until
from tests.data.snapshots import sequence
from tests.durability.instance import Instance


def url_of(instance: Instance) -> str:
    return f"http://127.0.0.1:{instance.port}"


def judged(instance: Instance, document: Any) -> str:
    """Send one snapshot and wait until the worker is done with it; the launch id."""
    status, accepted = instance.send(document)
    assert status == 202, accepted
    path = f"/launches/{accepted['id']}"
    wait_until(lambda: instance.request("GET", path)[1]["state"] == "judged", f"{path} to be judged")
    return str(accepted["id"])


def series(instance: Instance, *totals: int) -> list[str]:
    """One launch an hour, of two phases: 100 ms, and the rest of ``totals`` (ms)."""
    return [
        judged(instance, sequence(100, total - 100, number=number, version=f"1.{number}"))
        for number, total in enumerate(totals)
    ]
