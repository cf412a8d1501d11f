"""docs/agent.md says what the agent says and does."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from diagnostics.agent import failure
from diagnostics.agent.__main__ import PROGRAMS
from diagnostics.agent.checks import kernel_log
from diagnostics.agent.cli import autoglm_debug, diagnose
from diagnostics.agent.failure import Failure
from diagnostics.agent.probing import SCHEMES
from diagnostics.agent.services_file import parse_toml
from tests.docs.agent_help import PAGE, ROOT, commands, help_of

TEXT = PAGE.read_text()
AGENT = ROOT / "diagnostics" / "agent"


@pytest.mark.parametrize("command", commands(TEXT))
def test_help_is_shown_as_it_is_printed(command: str) -> None:
    assert f"<!-- help: {command} -->\n\n```text\n{help_of(command)}\n```\n" in TEXT, "python -m tests.docs.agent_help"


def test_every_command_is_there() -> None:
    made = [f"autoglm-debug {name}" for name in autoglm_debug.COMMANDS]
    made += ["diag-glm init-trace", "glmctl", *(f"diagnose {name}" for name in ("status", "trace", "probe"))]
    assert sorted(commands(TEXT)) == sorted(made)
    assert {name.split()[0] for name in made} == set(PROGRAMS)
    assert diagnose.NAME in PROGRAMS


def test_exit_codes() -> None:
    codes = {value for name, value in vars(failure).items() if name.isupper() and isinstance(value, int)}
    assert codes == {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}
    assert Failure("x").code in codes


def test_every_variable_that_is_read() -> None:
    sources = "\n".join(path.read_text() for path in AGENT.rglob("*.py"))
    read = set(re.findall(r'environ(?:ment)?\.get\("(LAUNCHSCOPE_\w+)"', sources))
    assert read <= set(re.findall(r"LAUNCHSCOPE_\w+", TEXT))
    assert "LAUNCHSCOPE_URL" in read


@pytest.mark.parametrize("scheme", sorted(set(SCHEMES) - {"postgresql", "valkey"}))
def test_every_protocol(scheme: str) -> None:
    assert f"`{scheme}://" in TEXT


def check_names() -> set[str]:
    sources = "\n".join(path.read_text() for path in (AGENT / "checks").glob("*.py"))
    direct = re.findall(r'Check\(\s*"([a-z-]+)"', sources)
    return {*direct, *(rule.name for rule in kernel_log.RULES)} - {"kernel-log"}


@pytest.mark.parametrize("name", sorted(check_names()))
def test_every_check(name: str) -> None:
    assert f"`{name}`" in TEXT or name in ("last-launch", "health")


def test_the_example_of_services_is_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert set(parse_toml(example)) == {"orders-db", "gateway"}
    assert os.sep not in "".join(parse_toml(example))
