"""Every page in a real Chromium: nothing axe calls serious, nothing the CSP blocks, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from diagnostics.delivery import Message, enqueue
from diagnostics.models import ApiToken, Channel, Delivery, Launch
from tests.data.snapshots import phase, snapshot
from tests.monitoring.conftest import bad, good
from tests.views.conftest import PASSWORD, launched, person, received, usual, work
from tests.views.test_monitors import monitored

NAME = "<script>alert(1)</script> 自动驾驶"
# What pages say to the console in the ordinary course of things.
ORDINARY = ("was preloaded using link preload",)


class Visit:
    """A signed-in page that remembers what went wrong in it."""

    def __init__(self, page: Page, server: LiveServer) -> None:
        self.page, self.server = page, server
        self.complaints: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(words in text for words in ORDINARY):
            self.complaints.append(text)

    def open(self, address: str, width: int = 1440, theme: Any = "light") -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=theme)
        self.page.goto(self.server.url + address)
        for chart in self.page.locator("plotly-chart").all():
            chart.locator(".main-svg, [data-kind=empty]").first.wait_for(state="attached")

    def sign_in(self, name: str) -> None:
        self.open("/login/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(self.server.url + "/")

    def serious(self) -> list[str]:
        violations = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {one['nodes'][0]['html']}" for one in violations if one["impact"] in ("serious", "critical")
        ]

    def overflow(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator[Visit]:
    person("admin")
    context = browser.new_context()
    visiting = Visit(context.new_page(), live_server)
    visiting.sign_in("admin")
    yield visiting
    context.close()
    assert visiting.complaints == []


def awkward() -> Launch:
    """A launch whose every name is markup, Chinese and long."""
    made = [
        phase(f"{NAME} {n} " + "long-" * 40, n * 100, 120, status="failed" if n == 3 else "success") for n in range(4)
    ]
    labels, config = {NAME: NAME * 5}, {NAME: {"expected": NAME, "actual": "60"}}
    return launched(snapshot(*made, service=NAME, version=NAME, host={"name": NAME}, labels=labels, config=config))


def told() -> Channel:
    """A channel whose every message is dead."""
    channel = Channel(name=NAME, kind="wecom", test_error=NAME * 5, tested_at=timezone.now())
    channel.keep_secrets({"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x"})
    channel.save()
    enqueue([channel], Message(NAME * 5, NAME), once="a")
    Delivery.objects.update(state="dead", last_error=NAME * 5)
    return channel


def addresses(slowed: list[Launch]) -> list[str]:
    odd, refused = awkward(), received([phase("start", duration=-5)], service="broken")
    work(refused)
    ApiToken.objects.issue(name=NAME, scope="ingest")
    pair = f"baseline={slowed[0].pk},{slowed[1].pk}&candidate={slowed[-1].pk},{slowed[-2].pk}"
    pages = ["/", "/services/open-autoglm/", f"/launches/{slowed[-1].pk}/", f"/launches/{slowed[-1].pk}/?view=table"]
    pages += [
        f"/launches/{odd.pk}/",
        f"/launches/{odd.pk}/?view=table",
        f"/launches/{refused.launch}/",
        "/regressions/",
    ]
    pages += [f"/compare/?{pair}", "/compare/", "/search?q=script", "/search?q=nothing", "/password/"]
    monitor = monitored(good(), bad(NAME), good(), bad(NAME * 5), name=NAME, url="http://93.184.216.34/health")
    pages += ["/monitors/", f"/monitors/{monitor.pk}/", f"/monitors/{monitor.pk}/edit/", "/monitors/new/"]
    channel = told()
    pages += ["/settings/channels/", f"/settings/channels/{channel.pk}/", "/settings/channels/new/email/"]
    return [*pages, "/settings/users/", "/settings/tokens/", "/settings/limits/"]


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_every_page_is_sound(visit: Visit, slowed: list[Launch], width: int, theme: str) -> None:
    found = {}
    for address in addresses(slowed):
        visit.open(address, width, theme)
        found[address] = (visit.serious(), visit.overflow())
    assert {address: what for address, what in found.items() if what != ([], 0)} == {}


def test_pages_without_anything_are_sound(visit: Visit) -> None:
    for address in ("/", "/monitors/", "/regressions/", "/compare/", "/search"):
        visit.open(address, 390)
        assert (visit.serious(), visit.overflow()) == ([], 0), address


def test_a_long_name_leaves_the_other_columns_in_sight(visit: Visit) -> None:
    made = launched(
        snapshot(phase("a"), service="s" * 200, environment="e" * 200, version="v" * 300, host={"name": "h" * 400})
    )
    launched(snapshot(phase("a"), service="s" * 200))
    for address in ("/", f"/services/{made.service.name}/?environment={made.service.environment}"):
        visit.open(address)
        box = visit.page.locator(".table-responsive").first
        assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0
        assert visit.overflow() <= 0
    visit.open(f"/services/{made.service.name}/")
    narrowest = visit.page.locator(".ls-environments a").evaluate_all("all => Math.min(...all.map(a => a.offsetWidth))")
    assert narrowest > 60, "a name beside a long one is not broken into single letters"


def test_what_opens_shows_that_it_does(visit: Visit) -> None:
    launch = launched(snapshot(phase("a")))
    visit.open(f"/launches/{launch.pk}/")
    summary = visit.page.get_by_text("Recommended settings").locator("xpath=ancestor::summary")
    mark = "summary => getComputedStyle(summary, '::before').content"
    closed = summary.evaluate(mark)
    summary.click()
    assert closed == '"▸"'
    assert summary.evaluate(mark) == '"▾"'


def test_parsing_becomes_the_launch(visit: Visit) -> None:
    accepted = received(usual(1))
    visit.open(f"/launches/{accepted.launch}/")
    assert "Parsing…" in visit.page.inner_text(".ls-pending")
    work(accepted)
    visit.page.locator("plotly-chart .main-svg").first.wait_for(state="attached")
    assert visit.page.inner_text("h1").startswith("1.3 s")
    assert visit.page.locator(".ls-pending").count() == 0


def test_row_of_the_table_becomes_the_launch(visit: Visit) -> None:
    accepted = received(usual(1))
    visit.open("/services/open-autoglm/")
    work(accepted)
    visit.page.get_by_role("link", name="1.3 s").wait_for()
    assert "parsing" not in visit.page.inner_text("tbody")


def test_filtering_and_going_back(visit: Visit, slowed: list[Launch]) -> None:
    visit.open("/services/open-autoglm/?environment=")
    rows = visit.page.locator("#launch-list tbody tr")
    visit.page.fill("input[name=version]", "2.0")
    visit.page.wait_for_url("**version=2.0**")
    expect(rows).to_have_count(5)
    visit.page.evaluate("history.back()")
    visit.page.wait_for_url("**/?environment=")
    expect(rows).to_have_count(15)


def test_ticked_launches_are_compared(visit: Visit, slowed: list[Launch]) -> None:
    visit.open("/services/open-autoglm/")
    visit.page.locator("td input[name=baseline]").nth(10).check()
    visit.page.locator("td input[name=baseline]").nth(0).check()
    visit.page.locator("td input[name=candidate]").nth(0).check()
    assert visit.page.inner_text("[data-compare-words]") == "Baseline A: 1 · candidate B: 1"
    visit.page.click("[data-compare-bar] button")
    assert visit.page.inner_text("h1").startswith("+1.00 s") or visit.page.inner_text("h1").startswith("+1.0 s")


def test_keyboard_reaches_search_and_menu(visit: Visit) -> None:
    visit.open("/")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.textContent") == "Skip to content"
    visit.page.keyboard.press("/")
    assert visit.page.evaluate("document.activeElement.name") == "q"
    assert visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    visit.page.focus(".ls-user")
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("button", name="Log out").wait_for()


def test_theme_is_kept(visit: Visit) -> None:
    visit.open("/", theme="light")
    visit.page.click("[data-theme-switch]")
    visit.open("/regressions/", theme="light")
    assert visit.page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_token_is_shown_once_and_copied(visit: Visit) -> None:
    visit.open("/settings/tokens/")
    visit.page.fill("#id_name", "agent")
    visit.page.click("text=Make token")
    clear = visit.page.inner_text("#secret")
    assert ApiToken.objects.recognise(clear)
    visit.page.click("[data-copy]")
    visit.page.get_by_role("button", name="Copied").wait_for()
    visit.open("/settings/tokens/")
    assert visit.page.locator("#secret").count() == 0


def test_waterfall_switches_and_search(visit: Visit, slowed: list[Launch]) -> None:
    visit.open(f"/launches/{slowed[-1].pk}/")
    chart = visit.page.locator("plotly-chart")
    visit.page.uncheck("[data-chart-switch=baseline]")
    assert chart.get_attribute("hide") == "baseline"
    visit.page.fill("[data-find-in-chart] [name=find]", "weights")
    assert chart.get_attribute("find") == "weights"
    assert visit.page.inner_text("#announce") == "Rows that match: 1"
    visit.page.get_by_role("link", name="Table").click()
    visit.page.fill("#waterfall [name=find]", "weights")
    expect(visit.page.locator("#phases tbody tr")).to_have_count(1)


def test_search_finds_what_is_too_short_to_be_drawn(visit: Visit) -> None:
    many = [phase(f"shard {n}", 10 * n, 9) for n in range(900)]
    launch = launched(snapshot(phase("load", 0, 9000), *many))
    visit.open(f"/launches/{launch.pk}/")
    visit.page.fill("[data-find-in-chart] [name=find]", "shard 777")
    visit.page.locator("#found").get_by_role("link", name="shard 777").click()
    expect(visit.page.locator("plotly-chart text", has_text="shard 777").first).to_be_attached()
    visit.page.fill("[data-find-in-chart] [name=find]", "nowhere")
    expect(visit.page.locator("#found")).to_contain_text("No phase is called “nowhere”")
    visit.page.fill("[data-find-in-chart] [name=find]", "")
    expect(visit.page.locator("#found")).to_be_empty()
