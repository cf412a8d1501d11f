from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from diagnostics.models import ApiToken

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("scope", "prefix"), [("ingest", "lsi_"), ("read", "lsr_"), ("admin", "lsa_")])
def test_issued_once_and_stored_hashed(scope: str, prefix: str) -> None:
    token, clear = ApiToken.objects.issue(name="agent", scope=scope, services=["a"])

    token.refresh_from_db()
    assert clear.startswith(prefix)
    assert len(clear) > 40
    assert token.start == clear[:12]
    assert token.digest == hashlib.sha256(clear.encode()).hexdigest()
    assert clear not in str(ApiToken.objects.values_list())
    assert (token.allows_service("a"), token.allows_service("b")) == (True, False)
    assert ApiToken.objects.recognise(clear) == token


def test_an_unknown_scope_makes_no_token() -> None:
    with pytest.raises(ValueError, match="root"):
        ApiToken.objects.issue(name="x", scope="root")
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("clear", ["", "lsi_x", "\xff", "🚀" * 1000])
def test_strangers(clear: str) -> None:
    assert ApiToken.objects.recognise(clear) is None


def test_the_last_use_is_noted_to_the_minute() -> None:
    token, clear = ApiToken.objects.issue(name="agent", scope="read")
    ApiToken.objects.recognise(clear)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None

    ApiToken.objects.recognise(clear)
    token.refresh_from_db()
    assert token.last_used_at == first

    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=5))
    ApiToken.objects.recognise(clear)
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at >= first


def test_a_revoked_token_is_known_but_not_used() -> None:
    token, clear = ApiToken.objects.issue(name="agent", scope="read")
    ApiToken.objects.update(revoked_at=timezone.now())
    known = ApiToken.objects.recognise(clear)
    assert known == token
    assert known is not None
    assert (known.revoked_at is not None, known.last_used_at) == (True, None)
