"""Error pages stand on their own: they need neither the database nor a user."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client

PAGES = [("400", "cannot be understood"), ("403", "may not do this"), ("403_csrf", "expired"), ("404", "nothing here")]


@pytest.mark.parametrize(("name", "words"), [*PAGES, ("500", "went wrong")])
def test_page_needs_nothing(name: str, words: str) -> None:
    page = render_to_string(f"{name}.html")
    assert words in page
    assert 'href="/"' in page


def test_not_found_is_ours(viewer: Client) -> None:
    answer = viewer.get("/nowhere/at/all")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_expired_form_is_ours(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {})
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


def test_a_page_of_a_host_name_that_is_not_allowed_says_what_to_do() -> None:
    answer = Client().get("/", headers={"host": "<b>.example"})
    assert answer.status_code == 400
    assert "“&lt;b&gt;.example”" in answer.content.decode()
    assert "ALLOWED_HOSTS" in answer.content.decode()
