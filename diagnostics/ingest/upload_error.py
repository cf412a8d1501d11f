"""What is wrong with a request, rather than with the file in it."""

from __future__ import annotations


class UploadError(Exception):
    """The request itself is wrong: ``code`` for machines, ``message`` a sentence, ``where`` the place."""

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where
