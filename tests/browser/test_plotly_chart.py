"""The element in a real Chromium, under the product's CSP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from diagnostics.charts.theme import PALETTES
from diagnostics.records import NS_PER_SECOND as S
from tests.browser.chart_server import serving
from tests.charts.launches import ORIGIN

ROW = 24


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, list[str]]]:
    with serving() as found:
        yield found


@pytest.fixture
def page(browser: Browser, site: tuple[str, list[str]]) -> Iterator[Page]:
    """A page that fails its test on any complaint of the browser: errors, and whatever the CSP refused."""
    site[1].clear()
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=site[0], reduced_motion="reduce")
    opened = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    opened.on("console", heard)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert [text for text in complaints if "404" not in text] == []


def chart(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator("plotly-chart .main-svg").first).to_be_visible()
    return page


def row_labels(page: Page) -> list[str]:
    return [text for text in page.locator(".x2y .textpoint").all_text_contents() if text not in ("▾", "▸")]


def row_middle(page: Page, row: int, share: float) -> tuple[float, float]:
    """Page coordinates in a row, ``share`` of the chart's width from its left."""
    plot = page.locator(".plotly-chart-plot")
    box = plot.bounding_box()
    assert box
    top: float = plot.evaluate("plot => plot.layout.margin.t")
    return box["x"] + share * box["width"], box["y"] + top + (row + 0.5) * ROW


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def wait_for_row_count(page: Page, count: int) -> None:
    expect(page.locator(".x2y .scatterlayer .trace").nth(1).locator("text")).to_have_count(count)


def test_it_draws_and_names_show_as_text(page: Page) -> None:
    chart(page, "/waterfall")
    assert page.title() == "Charts"
    assert "<script>document.title='gone'</script>" in row_labels(page)
    assert page.locator("svg script").count() == 0


def test_labels_and_texts_stay_inside_the_drawing(page: Page) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        chart(page, "/waterfall")
        box = page.locator(".plotly-chart-plot").bounding_box()
        assert box
        texts: list[Any] = [text.bounding_box() for text in page.locator(".main-svg text").all()]
        edges = [(text["x"], text["x"] + text["width"]) for text in texts if text and text["width"]]
        assert len(edges) > 12
        assert min(left for left, _ in edges) >= box["x"] - 1
        assert max(right for _, right in edges) <= box["x"] + box["width"] + 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_click_on_a_label_folds_and_the_url_keeps_it(page: Page) -> None:
    chart(page, "/waterfall")
    wait_for_row_count(page, 6)
    page.mouse.click(*row_middle(page, 0, 0.05))
    wait_for_row_count(page, 4)
    assert query(page) == {"fold": "0", "select": "0"}
    assert "model-init +2" in row_labels(page)
    page.reload()
    wait_for_row_count(page, 4)
    page.mouse.click(*row_middle(page, 0, 0.05))
    wait_for_row_count(page, 6)
    assert query(page) == {"select": "0"}


def test_a_link_shows_the_chosen_phase_again(page: Page) -> None:
    chart(page, "/waterfall")
    page.get_by_role("application").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile(r"select=\d+$"))
    page.reload()
    expect(page.locator(".plotly-chart-said")).to_contain_text("tokenizer, took 30.0 s")


def test_dragging_asks_for_the_window_and_a_double_click_leaves_it(page: Page, site: tuple[str, list[str]]) -> None:
    chart(page, "/waterfall")
    page.mouse.move(*row_middle(page, 3, 0.5))
    page.mouse.down()
    page.mouse.move(*row_middle(page, 3, 0.6), steps=4)
    page.mouse.move(*row_middle(page, 3, 0.7), steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("from="))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(site[1][-1]).query).items()}
    start, end = int(asked["from"]), int(asked["to"])
    assert ORIGIN < start < end < ORIGIN + 160 * S
    assert {name: asked[name] for name in ("from", "to")} == query(page)
    page.mouse.dblclick(*row_middle(page, 0, 0.6), delay=80)
    page.wait_for_url(re.compile(r"/waterfall(\?select=\d+)?$"))
    wait_for_row_count(page, 6)


def test_a_link_shows_two_launches_as_they_were_looked_at(page: Page) -> None:
    shown = "document.querySelector('.plotly-chart-plot').layout.xaxis.range"
    whole = chart(page, "/two").evaluate(shown)
    page.mouse.move(*row_middle(page, 3, 0.5))
    page.mouse.down()
    page.mouse.move(*row_middle(page, 3, 0.6), steps=4)
    page.mouse.move(*row_middle(page, 3, 0.7), steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("zoom="))
    page.get_by_role("application").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile("select="))
    zoomed = page.evaluate(shown)
    assert whole[0] < zoomed[0] < zoomed[1] < whole[1]
    page.reload()
    expect(page.locator(".plotly-chart-said")).to_contain_text("tokenizer")
    assert page.evaluate(shown) == pytest.approx(zoomed)
    page.mouse.dblclick(*row_middle(page, 3, 0.6), delay=80)
    page.wait_for_url(re.compile(r"/two(\?select=[^&]*)?$"))
    assert page.evaluate(shown) == pytest.approx(whole)


def test_the_keyboard_selects_folds_and_zooms(page: Page) -> None:
    chart(page, "/waterfall")
    page.evaluate(
        "document.addEventListener('phase-select', event => { document.body.dataset.chosen = event.detail.path; })"
    )
    body = page.get_by_role("application")
    body.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("body").get_attribute("data-chosen") == "model-init/tokenizer"
    expect(page.locator(".plotly-chart-said")).to_contain_text("tokenizer, took 30.0 s")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    wait_for_row_count(page, 4)
    page.keyboard.press("ArrowRight")
    wait_for_row_count(page, 6)
    page.keyboard.press("+")
    page.wait_for_url(re.compile("from="))
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/waterfall(\?select=\d+)?$"))
    assert "Waterfall of a launch of 2 m 40.0 s, 6 rows." in (body.get_attribute("aria-label") or "")


def test_the_theme_changes_without_asking_again(page: Page, site: tuple[str, list[str]]) -> None:
    chart(page, "/waterfall")
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme; }", theme)
        colour = PALETTES[theme]["phase"]
        wanted = ", ".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
        fill = page.locator(".barlayer .trace").nth(1).locator("path").first
        expect(fill).to_have_css("fill", f"rgb({wanted})")
    assert len(site[1]) == 1


def test_what_is_hidden_goes_and_what_is_found_stays_bright(page: Page) -> None:
    chart(page, "/waterfall")
    expect(page.locator(".legendtext", has_text=re.compile("critical path|baseline"))).to_have_count(2)
    page.evaluate("document.querySelector('plotly-chart').setAttribute('hide', 'critical baseline')")
    expect(page.locator(".legendtext", has_text=re.compile("critical path|baseline"))).to_have_count(0)
    page.evaluate("""() => {
        document.addEventListener('find-results', event => { document.body.dataset.found = event.detail.count; });
        document.querySelector('plotly-chart').setAttribute('find', 'WEIGHTS');
    }""")
    assert page.locator("body").get_attribute("data-found") == "1"


def test_another_width_is_another_figure(page: Page, site: tuple[str, list[str]]) -> None:
    chart(page, "/waterfall")
    with page.expect_response(re.compile(r"width=4\d\d$")):
        page.set_viewport_size({"width": 500, "height": 800})
    expect(page.locator("plotly-chart[narrow]:not([loading])")).to_be_visible()
    assert len(site[1]) == 2


def test_a_point_of_the_trend_opens_its_launch(page: Page) -> None:
    chart(page, "/trend")
    page.route("**/launches/**", lambda route: route.fulfill(body="opened"))
    point = page.locator(".scatterlayer .point").nth(1).bounding_box()
    assert point
    page.mouse.click(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    page.wait_for_url("**/launches/launch-1/")


def test_nothing_to_draw_says_so(page: Page) -> None:
    page.goto("/empty")
    expect(page.locator(".plotly-chart-state")).to_have_text("There is nothing to draw here yet.")


def test_an_error_is_the_servers_sentence_and_can_be_tried_again(page: Page) -> None:
    page.goto("/broken")
    expect(page.locator(".plotly-chart-state")).to_contain_text("There is no such launch.")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("plotly-chart .main-svg").first).to_be_visible()
    expect(page.locator(".plotly-chart-state")).to_be_hidden()


def test_a_missing_bundle_is_told(page: Page) -> None:
    page.goto("/no-bundle")
    expect(page.locator(".plotly-chart-state")).to_contain_text("The chart library could not be loaded.")
