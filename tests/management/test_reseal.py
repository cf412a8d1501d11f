"""``manage.py reseal`` after a change of SECRET_KEY."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from diagnostics.models import Channel


@pytest.mark.django_db
def test_reseal(settings: Settings) -> None:
    channel = Channel(name="ops", kind="slack")
    channel.keep_secrets({"url": "https://hooks.slack.com/services/x"})
    channel.save()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-" * 4
    out = StringIO()
    call_command("reseal", stdout=out)
    assert "present SECRET_KEY" in out.getvalue()
    settings.SECRET_KEY_FALLBACKS = []
    assert Channel.objects.get().secrets == {"url": "https://hooks.slack.com/services/x"}
    settings.SECRET_KEY = "a-third-key-" * 4
    with pytest.raises(CommandError, match="1 could not be read"):
        call_command("reseal", stdout=out)
