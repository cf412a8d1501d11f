"""The mix of start classes is shown where a service has one."""

from __future__ import annotations

import pytest
from django.test import Client

from diagnostics.models import Launch
from tests.views.conftest import launched, usual

pytestmark = pytest.mark.django_db


def test_the_mix_is_a_figure_of_its_own(viewer: Client) -> None:
    launches = [launched(usual(number)) for number in range(4)]
    service = launches[0].service
    assert "start-classes.json" not in viewer.get(f"/services/{service.name}/").content.decode(), "nothing is known"

    Launch.objects.filter(pk__in=[launch.pk for launch in launches[:3]]).update(start_class="cold")
    assert "start-classes.json" in viewer.get(f"/services/{service.name}/").content.decode()
    drawn = viewer.get(f"/services/{service.name}/start-classes.json").json()
    assert {trace["name"]: trace["y"] for trace in drawn["data"]} == {"cold": [75.0, 75.0], "unknown": [25.0, 25.0]}
