"""The real inputs beside the repository, read in place: most of them may not be copied into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"
SAMPLES = SHARED / "samples"
here_only = pytest.mark.skipif(not SHARED.is_dir(), reason="the samples are not beside the repository")


def names(folder: str, containing: str = "") -> list[str]:
    """The samples of a folder, by name."""
    found = sorted((SAMPLES / folder).glob("*")) if SHARED.is_dir() else []
    return [path.name for path in found if path.suffix != ".md" and containing in path.name]


def expected(name: str) -> dict[str, Any]:
    """What is known of ``folder/file``."""
    facts: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text())[name]
    return facts
