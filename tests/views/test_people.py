"""Settings › Users."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from diagnostics.views.access import role_of
from tests.views.conftest import person


def secret(page: str) -> str:
    shown = re.search(r'id="secret">([^<]+)<', page)
    assert shown is not None
    return shown[1]


def test_added_user_logs_in_with_the_shown_password_and_must_change_it(admin: Client) -> None:
    answer = admin.post("/settings/users/", {"username": "newcomer", "role": "editor"})
    assert "no-store" in answer["Cache-Control"]
    client = Client()
    assert client.login(username="newcomer", password=secret(answer.content.decode()))
    assert role_of(User.objects.get(username="newcomer")) == "editor"
    assert client.get("/")["Location"] == "/password/"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("ADMIN", "already"), ("", "required"), ("a b", "valid username"), ("x" * 200, "at most 150")],
)
def test_bad_names_get_a_sentence(admin: Client, name: str, sentence: str) -> None:
    answer = admin.post("/settings/users/", {"username": name, "role": "viewer"})
    assert sentence in answer.content.decode()
    assert User.objects.count() == 1


def test_role_is_one_at_a_time(admin: Client) -> None:
    user = person("viewer", "somebody")
    admin.post(f"/settings/users/{user.pk}/role", {"role": "editor"})
    assert [group.name for group in user.groups.all()] == ["editor"]


def test_demoted_superuser_is_one_no_more(admin: Client) -> None:
    root = User.objects.create_superuser("root")
    admin.post(f"/settings/users/{root.pk}/role", {"role": "viewer"})
    assert role_of(User.objects.get(pk=root.pk)) == "viewer"


def test_disabled_user_is_out_at_once(admin: Client) -> None:
    user = person("viewer", "somebody")
    client = Client()
    client.force_login(user)
    admin.post(f"/settings/users/{user.pk}/switch")
    assert client.get("/")["Location"].startswith("/login/")
    admin.post(f"/settings/users/{user.pk}/switch")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(("action", "data"), [("switch", {}), ("role", {"role": "viewer"})])
def test_last_administrator_stays(admin: Client, action: str, data: dict[str, str]) -> None:
    me = User.objects.get(username="admin")
    page = admin.post(f"/settings/users/{me.pk}/{action}", data, follow=True).content.decode()
    assert "last active administrator" in page
    me.refresh_from_db()
    assert me.is_active
    assert role_of(me) == "admin"


def test_one_of_two_administrators_may_go(admin: Client) -> None:
    other = person("admin", "other")
    admin.post(f"/settings/users/{other.pk}/switch")
    assert not User.objects.get(pk=other.pk).is_active


def test_disabled_administrators_do_not_count(admin: Client) -> None:
    User.objects.filter(pk=person("admin", "other").pk).update(is_active=False)
    me = User.objects.get(username="admin")
    assert "last active" in admin.post(f"/settings/users/{me.pk}/switch", follow=True).content.decode()


def test_new_password_replaces_the_old(admin: Client) -> None:
    user = person("viewer", "somebody")
    password = secret(admin.post(f"/settings/users/{user.pk}/password").content.decode())
    user.refresh_from_db()
    assert user.check_password(password)
