"""One Chromium for all tests of a process: Playwright's sync interface can be opened only once in it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import FLAGS, find
from tests.views.conftest import slowed

__all__ = ["browser", "slowed"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    assert path, "Chromium is missing: `make test` installs it"
    # Playwright runs an event loop in this thread, and Django then refuses to ask the database from it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=FLAGS) as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
