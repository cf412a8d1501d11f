"""Settings: expected and actual in every form that carries them, secrets hidden."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent import environment
from diagnostics.agent.checks import configuration
from diagnostics.parsers import Hints, config, sniff
from diagnostics.records import Kind, Parsed, ParseError

RECEIVED = 1_795_500_000_000_000_000


def parse(content: bytes | str) -> Parsed:
    return config.parse(content.encode() if isinstance(content, str) else content, Hints(RECEIVED))


def test_what_the_agent_writes_is_read() -> None:
    pairs = configuration.pairs({"TIMEOUT": "300", "MODE": "eager"}, {"TIMEOUT": "60", "PATH": "/bin"})
    content = json.dumps(pairs).encode()

    assert sniff(content) == Kind.CONFIG
    assert parse(content).config == pairs
    assert parse(content).facts["different"] == ["MODE", "TIMEOUT"]


def test_an_environment_of_the_agent_is_read() -> None:
    told = environment.configuration({"TIMEOUT": "60"})
    assert sniff(json.dumps(told).encode()) == Kind.CONFIG
    assert parse(json.dumps(told)).config["TIMEOUT"] == {"actual": "60"}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"A": {"expected": "1", "actual": "2"}}', {"A": {"expected": "1", "actual": "2"}}),
        ('{"expected": {"A": "1"}, "actual": {"B": "3"}}', {"A": {"expected": "1"}, "B": {"actual": "3"}}),
        ('{"A": "1", "b": {"c": 2, "d": null}}', {"A": {"actual": "1"}, "b.c": {"actual": 2}, "b.d": {"actual": None}}),
        ("A=1\nexport B='two words' # why\n# C=3\n", {"A": {"actual": "1"}, "B": {"actual": "two words"}}),
        ("A=1 # one\nB=a#b\nC=\"x # y\"\n", {"A": {"actual": "1"}, "B": {"actual": "a#b"}, "C": {"actual": "x # y"}}),
        ("[server]\nport = 80\n\n[expected]\nserver.port=81\n", {"server.port": {"actual": "80", "expected": "81"}}),
        ("A=\n", {"A": {"actual": ""}}),
        ("{}", {}),
    ],
)  # fmt: skip
def test_forms(content: str, found: dict[str, Any]) -> None:
    assert parse(content).config == found


def test_secrets_are_hidden_and_still_compared() -> None:
    parsed = parse('{"HF_TOKEN": {"expected": "hf_aaaaaaaaaaaaaaaaaaaa", "actual": "hf_bbbbbbbbbbbbbbbbbbbb"}}')
    assert parsed.config["HF_TOKEN"] == {"expected": "***", "actual": "***"}
    assert parsed.facts["different"] == ["HF_TOKEN"]


def test_a_number_and_its_text_are_the_same_setting() -> None:
    assert parse('{"TP": {"expected": 8, "actual": "8"}}').facts["different"] == []


def test_lines_that_are_no_settings_are_counted_without_their_secrets() -> None:
    parsed = parse("A=1\nset password: hunter22hunter22\n")
    assert (parsed.lines.total, parsed.lines.skipped) == (2, 1)
    assert "hunter22" not in str(parsed.facts)


@pytest.mark.parametrize("content", ["", "hello\n", "[1]", '{"A": ', '{"A": 1e999}', '{"A": 1, "A": 2}'])
def test_other_files_are_refused(content: str) -> None:
    with pytest.raises(ParseError):
        parse(content)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z]{1,8}_N", fullmatch=True), st.from_regex(r"[a-z0-9./]{0,9}", fullmatch=True), min_size=1
    )
)
def test_what_was_written_is_read(settings: dict[str, str]) -> None:
    content = "".join(f"{name}={value}\n" for name, value in settings.items())
    assert parse(content).config == {name: {"actual": value} for name, value in settings.items()}
