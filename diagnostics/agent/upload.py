"""Sends data to a Launchscope server: gzip, a token, and patience with a server that is busy or away.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import gzip
import json
import random
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping

if TYPE_CHECKING:
    import urllib.request

PATIENCE = 15 * 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0


class UploadError(Exception):
    """Why something did not arrive, in one sentence; ``permanent`` if sending it again as it is cannot help.

    ``status`` is the server's, 0 if it did not answer.
    """

    def __init__(
        self, message: str, code: str = "", permanent: bool = False, retry_after: float = 0.0, status: int = 0
    ) -> None:
        super().__init__(message)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
        self.status = status


def upload(
    snapshot: Mapping[str, Any],
    server: str,
    token: str,
    patience: float = PATIENCE,
    wait: Callable[[float], None] = time.sleep,
) -> Dict[str, Any]:
    """POST to ``/api/v1/launches`` and return the answer: ``{"id", "artifact", "state", "url"}``.

    Tries again for ``patience`` seconds with a growing, jittered pause, or the one the server asks for; the launch id
    makes a repeat harmless. Raises UploadError.
    """
    body = gzip.compress(json.dumps(snapshot, ensure_ascii=False, default=str).encode("utf-8", "replace"), 5)
    pauses = Pauses(patience)
    while True:
        try:
            return post(server.rstrip("/") + "/api/v1/launches", body, token)
        except UploadError as error:
            wait(pauses.after(error))


class Pauses:
    """How long to wait between attempts: longer each time, for ``patience`` seconds in all."""

    def __init__(self, patience: float) -> None:
        self._deadline = time.monotonic() + patience
        self._pause = _FIRST_PAUSE

    def after(self, error: UploadError) -> float:
        """Seconds to wait now; raises ``error`` itself if it is permanent or the patience is at its end."""
        # Half of it by chance: hosts that failed together must not come back together.
        delay = max(error.retry_after, self._pause * random.uniform(0.5, 1.0))  # noqa: S311 (no secret)
        if error.permanent or time.monotonic() + delay > self._deadline:
            raise error
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return delay


def post(
    url: str, body: bytes, token: str, timeout: float = 30.0, content_type: str = "application/json"
) -> Dict[str, Any]:
    """One attempt with a gzipped body; the server's answer. Raises UploadError."""
    from diagnostics.agent import posting  # HTTP and TLS only when something is sent

    return posting.post(url, body, token, timeout, content_type)


def opener(url: str) -> "urllib.request.OpenerDirector":
    """Follows no redirect, and uses the environment's proxies except for this machine itself."""
    from diagnostics.agent import posting

    return posting.opener(url)
