"""Evidence in a real Chromium: one zoom for both charts, lines behind events, findings, what if, files and parsers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from diagnostics.models import Artifact, ArtifactContent, Launch
from diagnostics.records import NS_PER_SECOND as S
from tests.browser.test_pages import Visit, visit
from tests.data.snapshots import T0
from tests.views.evidence_files import EVENTS, TROUBLE, pings, samples, sent, slow_launch

__all__ = ["visit"]
# Where the plot lies in its chart, in pixels, and what its time axis shows.
AXIS = """chart => {
    const { xaxis } = chart.querySelector(".plotly-chart-plot")._fullLayout;
    return [xaxis._offset, xaxis._length, ...xaxis.range];
}"""


@pytest.fixture
def told(db: None) -> tuple[Launch, Artifact]:
    """A slow launch with readings, Kubernetes' events and a kernel log that tells of an I/O error."""
    # Flushed tables leave out the partitioned one, and the same file is the same artifact.
    ArtifactContent.objects.all().delete()
    launch = slow_launch()
    sent("host-samples", samples(), launch)
    sent("k8s-events", EVENTS, launch)
    log = sent("kernel-log", TROUBLE)
    launch.refresh_from_db()
    return launch, log


def charts(visit: Visit) -> tuple[Locator, Locator]:
    return visit.page.locator("#launch-chart"), visit.page.locator("#evidence-chart")


def wait_until_drawn(visit: Visit, shown: str) -> None:
    """Until both charts show one stretch of time, for which ``shown`` (JavaScript about ``window``) holds."""
    visit.page.wait_for_function(
        f"""() => {{
            const [above, below] = ["launch-chart", "evidence-chart"].map((id) => document.getElementById(id));
            const window = above.window;
            return window && String(below.window) === String(window) && !below.hasAttribute("loading") && {shown};
        }}"""
    )


def middle(place: Locator) -> tuple[float, float]:
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(visit: Visit, chart: Locator, first: float, last: float) -> None:
    """A zoom by hand over shares of a chart's time axis, near the lower end of the chart."""
    left, length, *_ = chart.evaluate(AXIS)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    height = box["y"] + box["height"] - 45
    visit.page.mouse.move(box["x"] + left + first * length, height)
    visit.page.mouse.down()
    for share in (0.3, 0.6, 1):
        visit.page.mouse.move(box["x"] + left + (first + (last - first) * share) * length, height)
    visit.page.mouse.up()


@pytest.mark.parametrize("width", [1440, 390])
def test_both_charts_have_one_axis(visit: Visit, told: tuple[Launch, Artifact], width: int) -> None:
    visit.open(f"/launches/{told[0].pk}/", width)
    wait_until_drawn(visit, "true")
    above, below = (chart.evaluate(AXIS) for chart in charts(visit))
    assert above == below


def test_zooming_either_moves_both(visit: Visit, told: tuple[Launch, Artifact]) -> None:
    visit.open(f"/launches/{told[0].pk}/")
    wait_until_drawn(visit, "true")
    above, below = charts(visit)
    whole = above.evaluate("chart => chart.window")
    drag(visit, below, 0.4, 0.7)
    wait_until_drawn(visit, f"String(window) !== {','.join(whole)!r}")
    narrow = [int(text) for text in below.evaluate("chart => chart.window")]
    assert int(whole[0]) < narrow[0] < narrow[1] < int(whole[1])
    assert f"from={narrow[0]}" in visit.page.url
    assert above.evaluate(AXIS) == below.evaluate(AXIS)
    above.get_by_role("button", name="Zoom in").click()
    wait_until_drawn(visit, f"window[1] - window[0] < {0.6 * (narrow[1] - narrow[0])}")
    visit.page.mouse.dblclick(*middle(below.locator(".plotly-chart-plot")), delay=80)
    wait_until_drawn(visit, f"String(window) === {','.join(whole)!r}")


def test_an_event_opens_its_line_in_its_context(visit: Visit, told: tuple[Launch, Artifact]) -> None:
    visit.open(f"/launches/{told[0].pk}/")
    wait_until_drawn(visit, "true")
    # The error is the kernel's only diamond.
    place = charts(visit)[1].evaluate(
        """chart => {
            const plot = chart.querySelector(".plotly-chart-plot"), { xaxis, yaxis } = plot._fullLayout;
            const trace = plot.data.find((one) => one.name === "I/O error");
            chart.scrollIntoView({ behavior: "instant" });
            const box = plot.getBoundingClientRect();
            return [box.left + xaxis._offset + xaxis.d2p(trace.x[0]), box.top + yaxis._offset + yaxis.d2p(trace.y[0])];
        }"""
    )
    visit.page.mouse.move(*place)
    expect(charts(visit)[1].locator(".hovertext")).to_contain_text("line 2: click to read it")
    visit.page.mouse.click(*place)
    asked = visit.page.locator("dialog[open] .ls-asked")
    expect(asked).to_contain_text("Buffer I/O error on dev sda1")
    expect(visit.page.locator("dialog[open] .ls-excerpt li")).to_have_count(4)
    assert visit.serious() == []
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator("dialog[open]")).to_have_count(0)


def test_events_are_reached_without_a_mouse(visit: Visit, told: tuple[Launch, Artifact]) -> None:
    visit.open(f"/launches/{told[0].pk}/")
    visit.page.locator(".ls-events-list summary").focus()
    visit.page.keyboard.press("Enter")
    row = visit.page.locator(".ls-events tr", has_text="Buffer I/O error")
    expect(row).to_contain_text("+20.5 s") if told[0].begins_with == "" else expect(row).to_have_count(1)
    row.get_by_role("link").focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("dialog[open] .ls-asked")).to_contain_text("Buffer I/O error")


def test_a_finding_leads_to_its_phase_and_its_patch_is_copied(visit: Visit, told: tuple[Launch, Artifact]) -> None:
    launch, log = told
    launch.findings.all().delete()
    proof: dict[str, Any] = {"artifact": str(log.pk), "line": 2, "time": T0 + 20 * S, "text": "sda1 failed"}
    said = {"layer": "storage", "severity": "warning", "text": "Weights were read slowly.", "confidence": 0.9}
    path = "weights@TP0"
    launch.findings.create(position=0, reason="r", phase=path, evidence_for=[proof], patch="a: 1\n", **said)
    visit.open(f"/launches/{launch.pk}/")
    wait_until_drawn(visit, "true")
    card = visit.page.locator(".ls-finding")
    card.locator("a[data-zoom-path]").click()
    wait_until_drawn(visit, f"window[0] === '{T0 + 6 * S}' && window[1] === '{T0 + 54 * S}'")
    expect(charts(visit)[0].locator(".plotly-chart-said")).to_contain_text("weights")
    card.get_by_role("button", name=re.compile("Copy")).click()
    expect(card.get_by_role("button", name=re.compile("Copied"))).to_be_visible()
    card.get_by_role("link", name=re.compile("line 2")).click()
    expect(visit.page.locator("dialog[open] .ls-asked")).to_contain_text("Buffer I/O error")


def test_what_if_answers_as_soon_as_it_is_chosen(visit: Visit, told: tuple[Launch, Artifact]) -> None:
    visit.open(f"/launches/{told[0].pk}/")
    form, answer = visit.page.locator("form.ls-what-if"), visit.page.locator("#what-if-answer")
    expect(form.locator("[name=with]")).to_be_hidden()
    form.locator("[name=change]").select_option("half")
    expect(answer).to_contain_text("20.0 s less than")
    form.locator("[name=change]").select_option("parallel")
    expect(form.locator("[name=with]")).to_be_visible()
    expect(answer).to_contain_text("no phase")
    config = form.locator("[name=with] option", has_text="config").get_attribute("value")
    form.locator("[name=with]").select_option(config)
    expect(answer).to_contain_text("10.0 s less than")


def test_a_file_is_read_again_from_parser_health(visit: Visit, told: tuple[Launch, Artifact]) -> None:
    odd = sent("ping", pings("what is this"))
    Artifact.objects.filter(pk=odd.pk).update(parser="ping/0", lines={"total": 4, "read": 1, "skipped": 3})
    visit.open("/parsers/")
    row = visit.page.locator("section tbody tr", has_text="ping/0")
    expect(row).to_contain_text("what is this")
    row.get_by_role("link", name="ping").first.click()
    visit.page.get_by_role("button", name="Read again").click()
    expect(visit.page.get_by_role("status").first).to_contain_text("read again")
    again = Artifact.objects.get(pk=odd.pk)  # by now a worker may have taken it
    assert (again.state, again.parser) != (Artifact.State.PARSED, "ping/0")
    assert visit.serious() == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_every_page_is_sound(visit: Visit, told: tuple[Launch, Artifact], width: int, theme: str) -> None:
    launch, log = told
    odd = sent("ping", pings("<script>alert(1)</script> " + "long-" * 60))
    refused = sent("host-samples", b'{"times": [3, 1], "series": [], "interval_ns": 1}')
    pages = [f"/launches/{launch.pk}/", f"/launches/{launch.pk}/?view=table", "/parsers/"]
    pages += [f"/artifacts/{one.pk}/" for one in (log, odd, refused, launch.artifacts.get(kind="snapshot"))]
    pages += [f"/artifacts/{log.pk}/lines/?line=2", f"/artifacts/{odd.pk}/lines/?line=999"]
    found = {}
    for address in pages:
        visit.open(address, width, theme)
        for details in visit.page.locator("details").all():
            details.evaluate("one => { one.open = true; }")
        found[address] = (visit.serious(), visit.overflow())
    assert {address: what for address, what in found.items() if what != ([], 0)} == {}


def test_parser_health_without_files_is_sound(visit: Visit) -> None:
    visit.open("/parsers/", 390)
    assert (visit.serious(), visit.overflow()) == ([], 0)
