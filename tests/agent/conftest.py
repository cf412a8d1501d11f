"""A real server for the agent to talk to: the one that the API's tests use."""

from tests.api.conftest import running, served

__all__ = ["running", "served"]
