"""Settings › Limits shows what is in force."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client, override_settings

from diagnostics.views.limits import in_force


def test_values_are_those_in_force(viewer: Client) -> None:
    traces = {"OTLP_QUIET": 2.5, "FORWARD_OTLP_ENDPOINT": "http://collector:4318", "REQUEST_TRACE_DAYS": 11}
    with override_settings(MAX_BODY_BYTES=5 * 1024**2, FLOOR_NS=20_000_000, **traces):
        page = viewer.get("/settings/limits/").content.decode()
    for value in ("5 MiB", "20 ms", "2.5 s", "http://collector:4318", ">11<"):
        assert value in page


@pytest.mark.parametrize("variable", [limit.variable for limit in in_force()])
def test_every_variable_is_a_setting(variable: str) -> None:
    assert hasattr(settings, variable)
