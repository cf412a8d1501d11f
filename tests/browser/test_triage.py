"""Triage in a real Chromium, by keyboard and by mouse, and its pages at both widths and in both themes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from diagnostics.baselines import begin_anew
from diagnostics.models import Launch, Regression, RegressionChange, Series
from diagnostics.triage import Actor
from tests.browser.test_pages import NAME, Visit, visit

__all__ = ["visit"]


@pytest.fixture
def many(slowed: list[Launch]) -> list[Regression]:
    """Two that detection opened, and six more with long and odd names."""
    launch = slowed[-1]
    for number in range(6):
        path = f"engine/{NAME} {'long-' * 20}{number}"
        series = Series.objects.create(service=launch.service, path=path, name=path.rpartition("/")[2])
        made = Regression.objects.create(
            service=launch.service, series=series, baseline_ns=10**9, candidate_ns=(number + 2) * 10**9, low=1.5,
            high=9.0, rule="made for this test", first_launch=launch, first_version=NAME, note=NAME * 3,
            ticket="https://tickets.example/7", state="dismissed" if number == 5 else "open", reason=NAME,
        )  # fmt: skip
        RegressionChange.objects.create(regression=made, actor=NAME, from_state="", to_state="open", text=NAME)
    return list(Regression.objects.order_by("-opened_at", "-id"))


def states() -> list[str]:
    return list(Regression.objects.order_by("-opened_at", "-id").values_list("state", flat=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_are_sound(visit: Visit, many: list[Regression], width: int, theme: Any) -> None:
    begin_anew(many[0].first_launch, Actor("ann"))
    found = {}
    for address in (
        "/regressions/?state=all", "/regressions/?state=open", "/regressions/?state=all&size=2&service=open-autoglm",
        f"/regressions/{many[0].pk}/", f"/regressions/{many[-1].pk}/", "/services/open-autoglm/baseline/",
    ):  # fmt: skip
        visit.open(address, width, theme)
        found[address] = (visit.serious(), visit.overflow())
    assert {address: what for address, what in found.items() if what != ([], 0)} == {}


def test_the_dialogs_are_sound(visit: Visit, many: list[Regression]) -> None:
    visit.open("/regressions/", 390, "dark")
    visit.page.keyboard.press("?")
    expect(visit.page.locator("#keys")).to_be_visible()
    assert visit.serious() == []
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("j")
    visit.page.keyboard.press("d")
    expect(visit.page.locator("#dismiss")).to_be_visible()
    assert (visit.serious(), visit.overflow()) == ([], 0)


def test_by_keyboard(visit: Visit, many: list[Regression]) -> None:
    visit.open("/regressions/?state=all")
    press = visit.page.keyboard.press
    press("a")  # nothing is in focus: nothing happens
    for key in "jjxjx":
        press(key)
    expect(visit.page.locator("[data-bulk] [data-picked]")).to_have_text("2 selected")
    press("k")
    press("a")
    expect(visit.page.locator(".alert-success")).to_contain_text("2 are acknowledged")
    visit.page.wait_for_load_state()  # keys do nothing before the page's scripts have come
    assert states()[1:3] == ["acknowledged", "acknowledged"]
    press("k")  # from nowhere: the last
    press("r")
    expect(visit.page.locator(".alert-success")).to_contain_text("1 is resolved")
    assert states()[-1] == "resolved"


def test_dismissing_takes_a_reason(visit: Visit, many: list[Regression]) -> None:
    visit.open("/regressions/?state=open&sort=largest")
    press = visit.page.keyboard.press
    press("j")
    press("d")
    press("Enter")
    expect(visit.page.locator("#dismiss")).to_be_visible()
    expect(visit.page.locator("#reason")).to_have_attribute("aria-invalid", "true")
    visit.page.keyboard.type("jx as planned")  # letters are letters here
    press("Enter")
    expect(visit.page.locator(".alert-success")).to_contain_text("1 is dismissed")
    assert visit.page.url.endswith("?state=open&sort=largest")
    assert Regression.objects.filter(state="dismissed", reason="jx as planned").count() == 1


def test_by_mouse(visit: Visit, many: list[Regression]) -> None:
    visit.open("/regressions/?state=open")
    row = visit.page.locator(f"[id='{many[2].pk}']")
    row.get_by_role("button", name="Dismiss…").click()
    visit.page.fill("#reason", "noise")
    visit.page.locator("#dismiss").get_by_role("button", name="Dismiss").click()
    expect(visit.page.locator(".alert-success")).to_contain_text("1 is dismissed")
    visit.page.wait_for_load_state()
    assert Regression.objects.get(pk=many[2].pk).reason == "noise"
    visit.page.get_by_label("All on this page").check()
    visit.page.locator("#bulk").get_by_role("button", name="Acknowledge").click()
    expect(visit.page.locator(".alert-success")).to_contain_text("are acknowledged")
    assert "open" not in states()


def test_enter_opens_the_page_and_the_new_normal_is_one_click(visit: Visit, many: list[Regression]) -> None:
    visit.open("/regressions/")
    visit.page.keyboard.press("j")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/regressions/*/")
    visit.page.get_by_role("button", name="This is the new normal").click()
    expect(visit.page.locator(".alert-success")).to_contain_text("begins anew")
    assert not Regression.objects.live().exists()
