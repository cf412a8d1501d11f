"""Recommended settings, as the launch page asks for them."""

from __future__ import annotations

import re

import pytest
import yaml
from django.test import Client

from tests.views.conftest import launched, usual

pytestmark = pytest.mark.django_db


def test_numbers_come_from_the_services_own_launches(viewer: Client) -> None:
    launches = [launched(usual(number, load=60_000)) for number in range(6)]
    assert f"/launches/{launches[-1].pk}/advice" in viewer.get(f"/launches/{launches[-1].pk}/").content.decode()

    page = viewer.get(f"/launches/{launches[-1].pk}/advice").content.decode()

    assert "Startup probe" in page
    found = re.search(r'<code id="advice-startup-probe">(.*?)</code>', page, re.DOTALL)
    assert found
    (container,) = yaml.safe_load(found[1])["spec"]["template"]["spec"]["containers"]
    probe = container["startupProbe"]
    assert 60 < probe["periodSeconds"] * probe["failureThreshold"] < 200


def test_a_launch_that_is_not_there(viewer: Client) -> None:
    assert viewer.get("/launches/00000000-0000-0000-0000-00000000abcd/advice").status_code == 404
