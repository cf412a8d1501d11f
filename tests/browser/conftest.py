"""One Chromium for all tests of a process: Playwright's sync interface can be opened only once in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import FLAGS, find


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=FLAGS) as found:
        yield found
