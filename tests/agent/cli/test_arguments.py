from __future__ import annotations

import argparse

import pytest

from diagnostics.agent.__main__ import PROGRAMS, main
from diagnostics.agent.cli import arguments
from diagnostics.agent.cli.arguments import Parser

Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    for name in ("LAUNCHSCOPE_URL", "LAUNCHSCOPE_TOKEN", "LAUNCHSCOPE_SERVICES"):
        monkeypatch.delenv(name, raising=False)


def ended(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_help_is_printed(program: str, capsys: Printed) -> None:
    assert ended(program, "--help") == 0
    assert capsys.readouterr().out.startswith(f"Usage: {program} ")


def test_a_subcommand_alone_belongs_to_autoglm_debug(capsys: Printed) -> None:
    assert ended("collect", "--help") == 0
    assert capsys.readouterr().out.startswith("Usage: autoglm-debug collect ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Usage: autoglm-debug COMMAND"),
        (["dig"], "autoglm-debug: there is no command “dig”"),
        (["diagnose", "nothing"], "diagnose: there is no command “nothing”"),
        (["glmctl", "runtime-scope", "x"], "missing on the command line: --probe-timeout"),
        (["glmctl", "--probe-timeout", "0", "runtime-scope", "x"], "“0” is not a time above zero"),
        (["glmctl", "--probe-timeout", "3", "scope", "x"], "'scope'"),
        (["glmctl", "--probe-timeout", "3", "runtime-scope", "tcp://h:1", "--count", "0"], "whole number from 1 on"),
        (["glmctl", "--probe-timeout", "3", "runtime-scope", "tcp://h:1", "--cou", "1"], "not known here: --cou 1"),
        (["glmctl", "--probe-timeout", "3", "runtime-scope", "tcp://h:1", "--label", "x"], "“x” is not a label"),
        (["glmctl", "--probe-timeout", "3", "runtime-scope", "tcp://h:1", "--upload"], "--server, --token"),
        (
            ["glmctl", "--probe-timeout", "1", "runtime-scope", "tcp://h:1", "--timeouts", "1,2,3,4,5,6,7,8,9,10,11"],
            "at most 10",
        ),
        (["diagnose", "trace", "--timeout"], "--timeout needs a value"),
        (["diagnose", "trace", "--request-id", "x"], "--server, --token"),
        (["diag-glm", "init-trace"], "--service, --server, --token"),
        (["diag-glm", "init-trace", "--last", "2000"], "--last goes up to 1000"),
        (["diag-glm", "init-trace", "--least", "101"], "“101” is not a percentage"),
        (["dump-launch-sequence", "--ready-port", "70000", "--", "true"], "“70000” is not a port"),
        (["dump-launch-sequence", "--detach", "--stop", "--", "true"], "--stop"),
        (["dump-launch-sequence", "true"], "not known here: true"),
        (["collect"], "--since"),
    ],
)
def test_mistakes_are_told_in_a_sentence(words: list[str], sentence: str, capsys: Printed) -> None:
    assert ended(*words) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.out == ""


def test_mistakes_in_chinese(capsys: Printed) -> None:
    assert ended("glmctl", "--lang", "zh", "runtime-scope", "x") == 2
    assert "命令行缺少：--probe-timeout" in capsys.readouterr().err


def test_what_follows_the_dashes_is_the_command_s_own() -> None:
    parser = Parser("x", "", "", takes_command=True)
    parser.add_argument("--json", action="store_true")
    options = parser.read(["--json", "--", "sh", "-c", "x", "--", "--json"])
    assert options.command == ["sh", "-c", "x", "--", "--json"]
    assert parser.read([]).command == []


@pytest.mark.parametrize(("text", "pair"), [("a=b", ("a", "b")), ("a=", ("a", "")), ("a=b=c", ("a", "b=c"))])
def test_labels(text: str, pair: tuple[str, str]) -> None:
    assert arguments.label(text) == pair


def test_timeouts_are_sorted_and_single() -> None:
    assert arguments.seconds_list("10,3,500ms,3s") == [0.5, 3, 10]
    with pytest.raises(argparse.ArgumentTypeError):
        arguments.seconds_list("3,,5")
