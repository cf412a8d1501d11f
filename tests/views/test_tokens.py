"""Settings › Tokens."""

from __future__ import annotations

from django.test import Client

from diagnostics.models import ApiToken
from tests.views.test_people import secret


def test_clear_text_is_shown_once_and_works(editor: Client) -> None:
    answer = editor.post("/settings/tokens/", {"name": "agent", "scope": "ingest", "services": "a, b ,"})
    clear = secret(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    token = ApiToken.objects.recognise(clear)
    assert token is not None
    assert (token.name, token.scope, token.services, str(token.created_by)) == ("agent", "ingest", ["a", "b"], "editor")
    assert clear not in editor.get("/settings/tokens/").content.decode()


def test_editors_make_no_admin_tokens(editor: Client) -> None:
    page = editor.post("/settings/tokens/", {"name": "root", "scope": "admin"}).content.decode()
    assert "Select a valid choice" in page
    assert not ApiToken.objects.exists()


def test_editors_revoke_no_admin_tokens(editor: Client) -> None:
    token, _ = ApiToken.objects.issue(name="root", scope="admin")
    assert editor.post(f"/settings/tokens/{token.pk}/revoke").status_code == 403


def test_revoked_stays_revoked(admin: Client) -> None:
    token, _ = ApiToken.objects.issue(name="<b>", scope="admin")
    page = admin.post(f"/settings/tokens/{token.pk}/revoke", follow=True).content.decode()
    assert "“&lt;b&gt;” is revoked" in page
    first = ApiToken.objects.get(pk=token.pk).revoked_at
    admin.post(f"/settings/tokens/{token.pk}/revoke")
    assert first is not None
    assert ApiToken.objects.get(pk=token.pk).revoked_at == first


def test_name_is_needed(editor: Client) -> None:
    assert "This field is required" in editor.post("/settings/tokens/", {"scope": "read"}).content.decode()
