"""A real server for the agent to talk to: the one that the API's tests use."""

import pytest

from diagnostics.agent import messages
from tests.api.conftest import running, served

__all__ = ["running", "served"]


@pytest.fixture(autouse=True)
def speak_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command chooses the language for its whole process; the next test begins anew."""
    monkeypatch.setattr(messages, "_chosen", "en")
