"""Settings › Limits shows what is in force."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client, override_settings

from diagnostics.views.limits import in_force


def test_values_are_those_in_force(viewer: Client) -> None:
    with override_settings(MAX_BODY_BYTES=5 * 1024**2, FLOOR_NS=20_000_000):
        page = viewer.get("/settings/limits/").content.decode()
    assert "5 MiB" in page
    assert "20 ms" in page


@pytest.mark.parametrize("variable", [limit.variable for limit in in_force()])
def test_every_variable_is_a_setting(variable: str) -> None:
    assert hasattr(settings, variable)
