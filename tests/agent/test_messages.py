"""The language is chosen as gettext chooses it, and every sentence of the agent exists in both."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.agent import messages
from diagnostics.agent.catalogue import CHINESE

AGENT = Path(messages.__file__).parent


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:zh_CN:en"}, "zh"),
        ({"LANG": "C", "LANGUAGE": "zh"}, "en"),
        ({"LC_ALL": "POSIX", "LANG": "zh_CN"}, "en"),
        ({"LANGUAGE": "zh"}, "zh"),
    ],
)
def test_the_locale_decides(environment: dict[str, str], language: str) -> None:
    assert messages.from_environment(environment) == language


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["--lang", "zh"], "zh"),
        (["x", "--lang=zh"], "zh"),
        (["--lang"], "en"),
        (["--lang", "fr"], "en"),
        (["dump-launch-sequence", "--", "program", "--lang", "zh"], "en"),
    ],
)
def test_an_option_overrides_but_not_the_command_s_own(arguments: list[str], language: str) -> None:
    assert messages.from_arguments(arguments, {"LANG": "en_US"}) == language


def literals() -> Iterator[tuple[str, str]]:
    """(where, English) of every tr("…") and of every sentence kept as data for it."""
    for path in sorted(AGENT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                text = node.args[0]
                if isinstance(text, ast.Constant):
                    assert isinstance(text.value, str)
                    yield f"{path.name}:{node.lineno}", text.value


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


SENTENCES = {text: where for where, text in literals()}


def test_sentences_are_found() -> None:
    assert len(SENTENCES) > 100


@pytest.mark.parametrize("text", sorted(SENTENCES), ids=lambda text: SENTENCES[text])
def test_every_sentence_is_spoken_in_chinese(text: str) -> None:
    assert text in CHINESE, f"{SENTENCES[text]}: {text!r} has no Chinese"


@pytest.mark.parametrize("text", sorted(CHINESE))
def test_both_languages_tell_the_same_facts(text: str) -> None:
    assert fields(CHINESE[text]) == fields(text)


def test_nothing_is_kept_that_nobody_says() -> None:
    source = "\n".join(path.read_text() for path in AGENT.rglob("*.py") if not path.name.startswith("catalogue"))
    said = "".join(source.replace('"\n', "").split())
    lost = [text for text in CHINESE if text not in SENTENCES and "".join(repr(text)[1:-1].split()) not in said]
    assert not lost


def test_speaking() -> None:
    messages.use("zh")
    assert messages.tr("{file} cannot be read: {error}", file="a", error="b") == CHINESE[
        "{file} cannot be read: {error}"
    ].format(file="a", error="b")
    assert messages.tr("never translated {text}", text="x") == "never translated x"
