"""The search box."""

from __future__ import annotations

import pytest
from django.test import Client

from diagnostics.models import Launch
from tests.data.snapshots import phase, snapshot
from tests.views.conftest import launched

ID = "0190f3aa-1111-4222-8333-abcdefabcdef"


@pytest.fixture
def launch(db: None) -> Launch:
    return launched(snapshot(phase("weights-load"), host={"name": "gpu-07"}, launch_id=ID, environment="prod"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("0190F3AA", f"/launches/{ID}/"),
        ("0190f3aa-1", f"/launches/{ID}/"),
        ("autoglm", "/services/open-autoglm/?environment=prod"),
        ("WEIGHTS", f"/launches/{ID}/?view=table&amp;find=weights-load#waterfall"),
        ("gpu-0", "/services/open-autoglm/?environment=prod&amp;host=gpu-07"),
    ],
)
def test_finds(viewer: Client, launch: Launch, query: str, found: str) -> None:
    assert found in viewer.get("/search", {"q": query}).content.decode()


def test_whole_id_goes_straight_there(viewer: Client, launch: Launch) -> None:
    assert viewer.get("/search", {"q": ID})["Location"] == f"/launches/{ID}/"


@pytest.mark.parametrize("query", ["nothing like it", "019", "zzzz", "\0", "%", "_" * 300])
def test_finds_nothing(viewer: Client, launch: Launch, query: str) -> None:
    page = viewer.get("/search", {"q": query}).content.decode()
    assert "Nothing found" in page or "What are you looking for?" in page
