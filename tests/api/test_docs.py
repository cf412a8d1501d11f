"""The interactive documentation works under the strict Content-Security-Policy, from this server alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip


@pytest.fixture
def page() -> Any:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            yield browser.new_page()
        finally:
            browser.close()


def test_the_documentation_draws_without_a_violation(live_server: Any, page: Page) -> None:
    told: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    response = page.goto(f"{live_server.url}/api/v1/docs")
    page.wait_for_selector("#operations-tag-launches")
    page.get_by_text("Send a launch snapshot").click()
    page.wait_for_selector(".opblock-body .parameters")

    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert [line for line in told if "Content Security Policy" in line] == []
    assert {re.sub(r"^(\w+://[^/]+).*", r"\1", url) for url in asked if not url.startswith("data:")} == {
        live_server.url
    }
    assert page.get_by_text("JSON Schema", exact=True).first.get_attribute("href") == "/api/v1/schemas/snapshot.json"
