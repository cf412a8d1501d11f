"""A report as the README shows it, and as mail clients of both themes and widths draw it."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnostics import reporting
from tests.browser.test_pages import Visit, visit
from tests.browser.test_picture import model_server
from tests.reporting.conftest import a_schedule
from tests.views.conftest import launched

__all__ = ["visit"]


@pytest.mark.django_db(transaction=True)
def test_picture(visit: Visit, repository: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    for number in range(12):
        launched(model_server(number, "1.4.1", 55_000))
    for number in range(12, 17):
        launched(model_server(number, "1.4.2", 97_000))
    report = reporting.make(reporting.send_now(a_schedule("Weekly, model servers"), "editor").pk)
    assert report
    visit.open(f"/reports/{report.pk}/")
    visit.page.wait_for_load_state("networkidle")
    visit.page.wait_for_selector("plotly-chart .main-svg")
    kept = repository / "docs" if request.config.getoption("--save-picture") else tmp_path
    visit.page.screenshot(path=kept / "report.png", full_page=True)
    assert (kept / "report.png").stat().st_size > 20_000
    assert "weights-load" in visit.page.locator("body").inner_text()
    visit.open(f"/reports/{report.pk}/mail/")
    for width in (600, 390):
        visit.page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            visit.page.emulate_media(color_scheme=scheme)
            visit.page.screenshot(path=tmp_path / f"mail-{width}-{scheme}.png", full_page=True)
            assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
