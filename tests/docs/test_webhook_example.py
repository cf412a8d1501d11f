"""The example that docs/operations.md gives to check a webhook's signature, run against a real request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pytest_django import Settings

from diagnostics.delivery import deliver, enqueue
from diagnostics.models import Channel
from tests.delivery.conftest import message
from tests.delivery.receivers import SECRET, receiving
from tests.docs.test_docs import DOCS

Check = Callable[[str, Mapping[str, str], bytes], bool]


def example() -> Check:
    (code,) = re.findall(r"```python\n(.*?)```", DOCS["operations.md"].partition("### Webhook")[2], re.DOTALL)
    made: dict[str, Any] = {}
    exec(code, made)
    check: Check = made["is_genuine"]
    return check


@pytest.mark.django_db
def test_the_example_tells_genuine_from_forged(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    with receiving("webhook") as receiver:
        channel = Channel(name="hook", kind="webhook")
        channel.keep_secrets(receiver.secrets)
        channel.save()
        enqueue([channel], message("权重变慢"), once="a")
        deliver()
    (heard,) = receiver.heard
    is_genuine = example()
    assert is_genuine(SECRET, heard.headers, heard.body)
    assert not is_genuine(SECRET, heard.headers, heard.body + b" ")
    assert not is_genuine("another", heard.headers, heard.body)
    old = {**heard.headers, "X-Launchscope-Timestamp": "1700000000"}
    assert not is_genuine(SECRET, old, heard.body)
