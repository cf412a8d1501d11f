"""Settings from the environment: types, and one sentence for what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from webapp import env


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (lambda: env.text("X", "d"), "  a ", "a"),
        (lambda: env.text("X", "d"), "", "d"),
        (lambda: env.integer("X", 1), "33_554_432", 33_554_432),
        (lambda: env.integer("X", 7), None, 7),
        (lambda: env.choice("X", ["a", "b"]), None, "a"),
        (lambda: env.choice("X", ["a", "b"]), "b", "b"),
        (lambda: env.decimal("X", 0.5), "0.02", 0.02),
        (lambda: env.flag("X", True), "0", False),
        (lambda: env.flag("X", True), None, True),
        (lambda: env.flag("X"), "Yes", True),
        (lambda: env.listed("X", ["d"]), "a, b,,", ["a", "b"]),
        (lambda: env.listed("X", ["d"]), " , ", ["d"]),
    ],
)
def test_values(monkeypatch: pytest.MonkeyPatch, read: Any, value: str | None, expected: object) -> None:
    monkeypatch.delenv("X", raising=False)
    if value is not None:
        monkeypatch.setenv("X", value)
    assert read() == expected


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda: env.choice("X", ["a", "b"]), "c", "X is 'c': give one of a, b."),
        (lambda: env.integer("X", 8000), "80OO", "X is '80OO': give a whole number, e.g. 8000."),
        (lambda: env.integer("X", 5, least=2), "1", "X is 1: it must be at least 2."),
        (lambda: env.decimal("X", 0.02), "2%", "X is '2%': give a number, e.g. 0.02."),
        (lambda: env.decimal("X", 0.02), "nan", "X is nan: it must be a number of 0 or more."),
        (lambda: env.decimal("X", 0.02), "-1", "X is -1: it must be a number of 0 or more."),
        (lambda: env.flag("X"), "maybe", "X is 'maybe': give 1 or 0."),
    ],
)
def test_bad_values(monkeypatch: pytest.MonkeyPatch, read: Any, value: str, sentence: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured) as caught:
        read()
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://user:p%40ss@db.example:5433/launches?sslmode=require",
            {"NAME": "launches", "USER": "user", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "5433"},
        ),
        (
            "postgresql://launchscope@/launchscope?host=%2Fvar%2Frun%2Fpg",
            {"NAME": "launchscope", "USER": "launchscope", "PASSWORD": "", "HOST": "/var/run/pg", "PORT": ""},
        ),
        ("postgres://h", {"NAME": "launchscope", "USER": "", "PASSWORD": "", "HOST": "h", "PORT": ""}),
    ],
)
def test_database_urls(url: str, expected: dict[str, str]) -> None:
    read = env.database(url)
    assert {key: read[key] for key in expected} == expected
    assert read["OPTIONS"] == ({"sslmode": "require"} if "sslmode" in url else {})


@pytest.mark.parametrize(
    ("url", "sentence"),
    [("mysql://h/d", "must begin with postgresql://"), ("postgresql://h:port/d", "has a port that is not a number")],
)
def test_bad_database_urls(url: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=sentence):
        env.database(url)


def test_an_address_is_the_environments_else_the_running_instances(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAUNCHSCOPE_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://given/x")
    assert env.address("DATABASE_URL", "database") == "postgresql://given/x"
    monkeypatch.setenv("DATABASE_URL", "")
    assert "none" in env.address("REDIS_URL_", "queue")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "addresses.json").write_text(json.dumps({"database": "postgresql://embedded/x", "queue": "q"}))
    assert env.address("DATABASE_URL", "database") == "postgresql://embedded/x"


def test_the_secret_key_comes_from_the_environment_else_from_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAUNCHSCOPE_HOME", str(tmp_path))
    monkeypatch.delenv("SECRET_KEY")
    assert env.secret_key() == ""
    (tmp_path / "secret_key").write_text("from the home\n")
    assert env.secret_key() == "from the home"
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    assert env.secret_key() == "from the environment"


REFUSAL = "SECRET_KEY is missing or shorter than 32 characters"


@pytest.mark.parametrize("program", [["-c", "import webapp.wsgi"], ["-m", "celery", "-A", "webapp.celery", "beat"]])
@pytest.mark.parametrize("key", ["", "too short"])
def test_nothing_that_serves_starts_without_a_secret_key(
    program: list[str], key: str, tmp_path: Path, repository: Path
) -> None:
    ours = {"DJANGO_SETTINGS_MODULE": "webapp.settings", "LAUNCHSCOPE_HOME": str(tmp_path), "SECRET_KEY": key}
    environment = {**os.environ, **ours, "PYTHONPATH": str(repository)}
    done = subprocess.run(  # beat leaves its schedule where it starts
        [sys.executable, *program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert REFUSAL in done.stderr
    assert "Traceback" not in done.stderr


def test_places_are_networks_and_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "10.0.0.0/8, ::1, gateway.internal,*.svc.cluster.local")
    assert env.places("X") == ["10.0.0.0/8", "::1", "gateway.internal", "*.svc.cluster.local"]
    for bad in ("10.0.0.0/33", "http://a", "1.2.3.4.5", "a b", "*"):
        monkeypatch.setenv("X", bad)
        with pytest.raises(ImproperlyConfigured, match="X holds"):
            env.places("X")


@pytest.mark.parametrize(
    "value",
    ["http://collector:4318", "https://otlp.example.com/v1/traces", "http://localhost:9000", "http://[::1]:4318/"],
)
def test_an_endpoint_is_another_server(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    assert env.endpoint("X") == value


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("collector:4318", "give a URL such as"),
        ("http://collector:port", "give a URL such as"),
        ("http://me:secret@collector:4318", "keys in FORWARD_OTLP_HEADERS"),
        ("http://localhost:8123/v1/traces", "this very server"),
        ("http://127.0.0.1:4318", "this very server"),
        ("https://launches.example.com", "this very server"),
    ],
)
def test_an_endpoint_that_is_none_or_this_server(monkeypatch: pytest.MonkeyPatch, value: str, sentence: str) -> None:
    told = {"X": value, "PORT": "8123", "OTLP_PORT": "4318", "SITE_URL": "https://launches.example.com/"}
    for name, one in told.items():
        monkeypatch.setenv(name, one)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        env.endpoint("X")
