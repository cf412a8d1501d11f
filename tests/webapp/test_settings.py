"""What every page and the queue can rely on."""

from __future__ import annotations

import pytest
from celery import current_app
from django.conf import settings
from django.test import Client

from webapp.celery import broker_url


def test_liveness_needs_no_session_and_no_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/regressions/", "/settings/users/", "/services/x/", "/compare/"])
def test_pages_need_a_session(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["Location"]) == (302, f"/login/?next={path}")


def test_every_path_needs_a_session_unless_it_is_listed() -> None:
    assert "webapp.login.LoginRequiredMiddleware" in settings.MIDDLEWARE
    assert not any(prefix in {"", "/"} for prefix in settings.OPEN_PATHS)


@pytest.mark.django_db
def test_the_content_security_policy_is_strict(client: Client) -> None:
    response = client.get("/login/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("redis://:p@h:6379/3", "redis://:p@h:6379/3"),
        ("rediss://h/0", "rediss://h/0"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock"),
        ("unix:///run/valkey.sock?db=2", "redis+socket:///run/valkey.sock?virtual_host=2"),
    ],
)
def test_the_brokers_address(redis_url: str, expected: str) -> None:
    assert broker_url(redis_url) == expected


def test_a_message_outlives_its_worker_and_is_not_handed_out_twice_at_once() -> None:
    conf = current_app.conf
    assert current_app.main == "launchscope"
    assert conf.task_acks_late
    assert conf.task_ignore_result
    assert conf.accept_content == ["json"]
    assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit > conf.task_soft_time_limit


def test_what_was_accepted_is_stored_before_anything_is_judged() -> None:
    route = current_app.amqp.router.route
    parse, judge = route({}, "diagnostics.tasks.parse_artifact"), route({}, "diagnostics.tasks.judge_launch")
    assert (parse["queue"].name, parse["priority"]) == ("parse", 0)
    assert (judge["queue"].name, judge["priority"]) == ("judge", 5)


def test_the_periodic_tasks_exist() -> None:
    current_app.loader.import_default_modules()
    for entry in current_app.conf.beat_schedule.values():
        assert entry["task"] in current_app.tasks
