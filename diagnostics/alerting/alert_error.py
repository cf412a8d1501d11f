"""What cannot be done to an alert, a rule or a mute, and why."""

from __future__ import annotations


class AlertError(Exception):
    """``message`` says why, ``where`` names the part, ``code`` is the API's word."""

    def __init__(self, message: str, where: str, code: str = "invalid_parameter") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.code = code
