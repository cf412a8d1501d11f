"""The picture in the README: a launch whose weights loaded slowly. ``--save-picture`` makes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.test_pages import Visit, visit
from tests.data.snapshots import MS, T0, Document, phase, snapshot
from tests.views.conftest import launched

__all__ = ["visit"]


def model_server(number: int, version: str, weights: int) -> Document:
    """Launch ``number`` of a series an hour apart, ``weights`` ms of it loading, everything a little noisy."""
    begin, noise = number * 3_600_000, (number * 37) % 90
    pulled = begin + 1_200 + noise + 9_800 + noise
    init = pulled + 7_400 + noise
    loaded = init + 3_900 + weights + 4 * noise
    phases = [
        phase("pod scheduled", begin, 1_200 + noise),
        phase("image pull", begin + 1_200 + noise, 9_800 + noise),
        phase("init containers", pulled, 2_100 + noise),
        phase("config-load", pulled + 2_100 + noise, 900),
        phase("dependency: registry", pulled + 3_000 + noise, 4_400),
        phase("model-init", init, loaded + 16_800 - init),
        phase("tokenizer-init", init + 10, 3_700 + noise),
        phase("weights-load", init + 3_900, weights + 4 * noise, lane="TP0", id="w0"),
        phase("weights-load", init + 3_900, weights - 2_600, lane="TP1", id="w1"),
        phase("kv-cache", loaded, 3_200, depends_on=["w0", "w1"]),
        phase("cuda-graphs", loaded + 3_200, 13_600),
        phase("warm-up request", loaded + 29_800, 8_100 + noise),
    ]
    return snapshot(
        *phases,
        version=version,
        environment="prod",
        host={"name": f"gpu-{number % 4:02d}"},
        milestones={"process_start": T0 + begin * MS, "health_ok": T0 + (loaded + 37_900 + noise) * MS},
        labels={"gpu": "H100", "storage_class": "nfs"},
        config={"MODEL_LOAD_TIMEOUT": {"expected": "300", "actual": "60"}},
    )


@pytest.mark.django_db(transaction=True)
def test_picture(visit: Visit, repository: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    for number in range(20):
        launched(model_server(number, "1.4.1", 55_000))
    slow = launched(model_server(20, "1.4.2", 97_000))
    visit.open(f"/launches/{slow.pk}/")
    visit.page.wait_for_load_state("networkidle")
    kept = repository / "docs" if request.config.getoption("--save-picture") else tmp_path
    visit.page.screenshot(path=kept / "launch.png", full_page=True)
    assert (kept / "launch.png").stat().st_size > 20_000
    assert "weights-load" in visit.page.locator("body").inner_text()
