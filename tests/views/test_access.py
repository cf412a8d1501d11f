"""Every page asks for a login, a first password is changed before anything else, and roles hold."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, reverse

from diagnostics import urls
from diagnostics.models import UserProfile
from diagnostics.views.access import may, role_of
from tests.views.conftest import PASSWORD, person, signed_in

ARGUMENTS = {
    "artifact_id": uuid.UUID(int=1),
    "kind": "slack",
    "place": 0,
    "action": "delete",
    "trace_id": uuid.UUID(int=1),
    "name": "any",
    "launch_id": uuid.UUID(int=1),
    "pk": 1,
}
# Metrics ask for a token or an address of their own.
OPEN = {"login", "agent_file", "agent_digest", "metrics"}


def addresses() -> list[str]:
    patterns = [one for one in urls.urlpatterns if isinstance(one, URLPattern) and one.name not in OPEN]
    return [
        reverse(str(one.name), kwargs={name: ARGUMENTS[name] for name in one.pattern.converters}) for one in patterns
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("address", addresses())
def test_no_page_without_a_login(address: str) -> None:
    for answer in (Client().get(address), Client().post(address)):
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/login/")


@pytest.mark.django_db
def test_first_password_comes_before_every_page() -> None:
    user = person("admin")
    UserProfile.objects.create(user=user, must_change_password=True)
    client = signed_in(user)
    for address in ("/", "/regressions/", "/settings/tokens/", "/search?q=a"):
        assert client.get(address)["Location"] == "/password/"
    assert "first password" in client.get("/password/").content.decode()
    new = {
        "old_password": PASSWORD,
        "new_password1": "a longer one of my own",
        "new_password2": "a longer one of my own",
    }
    assert client.post("/password/", new)["Location"] == "/"
    assert client.get("/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "users", "tokens", "limits"),
    [("viewer", 403, 403, 200), ("editor", 403, 200, 200), ("admin", 200, 200, 200)],
)
def test_what_a_role_may_open(role: str, users: int, tokens: int, limits: int) -> None:
    client = signed_in(person(role))
    seen = [client.get(f"/settings/{tab}/").status_code for tab in ("users", "tokens", "limits")]
    assert seen == [users, tokens, limits]
    home = client.get("/settings/")["Location"]
    assert home == {"viewer": "/settings/limits/", "editor": "/settings/tokens/", "admin": "/settings/users/"}[role]


@pytest.mark.django_db
def test_refusal_names_the_role_it_needs(viewer: Client) -> None:
    assert "needs the role “admin”" in viewer.get("/settings/users/").content.decode()


@pytest.mark.django_db
def test_superuser_is_admin_and_nobody_is_viewer() -> None:
    assert role_of(User.objects.create_superuser("root")) == "admin"
    newcomer = User.objects.create_user("newcomer")
    assert role_of(newcomer) == "viewer"
    assert may(newcomer, "viewer")
    assert not may(newcomer, "editor")


@pytest.mark.django_db
def test_login_page_says_what_is_wrong() -> None:
    answer = Client().post("/login/", {"username": "nobody", "password": "wrong"})
    assert answer.status_code == 200
    assert "correct username and password" in answer.content.decode()


def test_part_and_page_are_cached_apart(viewer: Client) -> None:
    assert "HX-Request" in viewer.get("/")["Vary"]
