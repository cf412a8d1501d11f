from __future__ import annotations

import json
from pathlib import Path

import pytest

from webapp.credentials import Credentials

CREDENTIALS = Credentials("http://127.0.0.1:8000", "admin", "p", "lsi_1", "lsr_1")


def test_written_for_the_owner_only_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    CREDENTIALS.write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(json.loads(path.read_text())) == ["url", "user", "password", "ingest_token", "read_token"]
    assert Credentials.read(path) == CREDENTIALS
    CREDENTIALS.moved_to("http://127.0.0.1:9").write(path)
    assert Credentials.read(path) == CREDENTIALS.moved_to("http://127.0.0.1:9")


@pytest.mark.parametrize("content", [None, "", "{}", "[1]", '{"url": 1, "other": 2}'])
def test_a_file_that_is_gone_or_not_ours_is_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "credentials.json").write_text(content)
    assert Credentials.read(tmp_path / "credentials.json") is None
