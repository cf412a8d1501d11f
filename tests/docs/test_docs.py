"""The documentation names everything that exists: a setting, path, kind or command that it misses fails here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagnostics.api import api
from diagnostics.models import Artifact, Launch, Regression
from diagnostics.records import READINESS, Kind

ROOT = Path(__file__).resolve().parents[2]
DOCS = {path.name: path.read_text() for path in (ROOT / "docs").glob("*.md")}
README = (ROOT / "README.md").read_text()


def settings_read() -> set[str]:
    """Names of environment variables in code that reads the environment."""
    sources = "\n".join(path.read_text() for path in (ROOT / "webapp").glob("*.py"))
    named = re.findall(r'(?:env\.\w+|\btext|\binteger|\bflag|environ\.get|environ)[\(\[]\s*"([A-Z][A-Z_]+)"', sources)
    # What our own processes tell each other is nobody's setting.
    return set(named) - {"DJANGO_SETTINGS_MODULE", "LAUNCHSCOPE_READY_FILE", "GRANIAN_PORT", "PATH", "HOME"}


@pytest.mark.parametrize("name", sorted(settings_read()))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCS["operations.md"]


def test_the_settings_are_found_at_all() -> None:
    assert {"DATABASE_URL", "MAX_BODY_BYTES", "SECRET_KEY"} <= settings_read()


@pytest.mark.parametrize("path", sorted(api.get_openapi_schema()["paths"]))
def test_every_api_path_is_documented(path: str) -> None:
    documented = re.sub(r"\{\w+\}", "{}", "\n".join(DOCS.values()))
    wanted = re.sub(r"\{\w+\}", "{}", path)
    stem, _, last = wanted.rpartition("/")
    # A table row may name a family: “`GET /api/v1/artifacts/{}` … `/records`”.
    assert wanted in documented or (stem in documented and f"`/{last}`" in documented)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_artifact_kind_is_documented(kind: Kind) -> None:
    assert f"`{kind}`" in DOCS["upload.md"]


@pytest.mark.parametrize(
    "state", sorted({*Artifact.State.values, *Launch.State.values, *Regression.State.values, *READINESS})
)
def test_every_state_and_milestone_is_documented(state: str) -> None:
    assert re.search(rf"\b{state}\b", "\n".join(DOCS.values()))


@pytest.mark.parametrize("target", re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
def test_every_make_target_is_documented(target: str) -> None:
    assert f"make {target}" in README


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / link).exists(), f"{path.name} links to {link}"


def reasons() -> set[str]:
    """The reasons that the rules' sources name in their first words."""
    rules = sorted((ROOT / "diagnostics/analysis/diagnosis/rules").glob("[a-z]*.py"))
    return {reason for path in rules for reason in re.findall(r"``([a-z-]+)``", path.read_text().split('"""')[1])}


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_every_reason_of_a_finding_is_documented(reason: str) -> None:
    assert f"`{reason}`" in DOCS["diagnosis.md"]


def test_the_reasons_are_found_at_all() -> None:
    assert {"oom-kill", "lazy-load", "not-resolvable"} < reasons()
