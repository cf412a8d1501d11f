from __future__ import annotations

from pathlib import Path

import pytest

from webapp import static_files


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("static/css", "requirements", "collected", "webapp"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "static/css/a.css").write_text("a {}")
    (tmp_path / "requirements/server.txt").write_text("django==5.2")
    (tmp_path / "webapp/static_storage.py").write_text("storage = 1")
    monkeypatch.setattr(static_files, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "changed", ["static/css/a.css", "static/css/new.css", "requirements/server.txt", "webapp/static_storage.py"]
)
def test_collected_until_something_changes(checkout: Path, changed: str) -> None:
    collected = checkout / "collected"
    assert not static_files.are_collected(collected)
    static_files.note_collected(collected)
    assert static_files.are_collected(collected)
    (checkout / changed).write_text("changed, and longer")
    assert not static_files.are_collected(collected)
