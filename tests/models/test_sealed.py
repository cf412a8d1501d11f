"""Secrets at rest, and the change of the key that guards them."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings

from diagnostics.models import Channel, sealed

SECRETS = {"url": "https://hooks.slack.com/services/T0/B0/verysecretpart", "密钥": "保密"}


def test_what_was_sealed_is_read() -> None:
    assert sealed.unseal(sealed.seal(SECRETS)) == SECRETS
    assert sealed.unseal("") == {}


@pytest.mark.django_db
def test_the_table_tells_nothing() -> None:
    channel = Channel(name="ops", kind="slack")
    channel.keep_secrets(SECRETS)
    channel.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM diagnostics_channel c")
        (row,) = cursor.fetchone()
    assert "ops" in row
    assert "verysecretpart" not in row
    assert Channel.objects.get().secrets == SECRETS


def test_the_key_is_changed(settings: Settings) -> None:
    before = sealed.seal(SECRETS)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-" * 4
    with pytest.raises(sealed.Unreadable):
        sealed.unseal(before)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert sealed.unseal(before) == SECRETS
    anew = sealed.seal(SECRETS)
    settings.SECRET_KEY_FALLBACKS = []
    assert sealed.unseal(anew) == SECRETS
