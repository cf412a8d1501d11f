"""Whether a URL answers, asked as a kubelet's probe asks."""

from __future__ import annotations

import http.client
import ssl
from typing import Optional
from urllib.parse import urlsplit


def answers(url: str, whole: bool, timeout: float) -> bool:
    """Whether a GET is answered with a status from 200 to 399 in time (s); ``whole`` wants all of the body too."""
    parts = urlsplit(url)
    try:
        connection = _connection(parts.scheme, parts.hostname or "localhost", parts.port, timeout)
        try:
            query = f"?{parts.query}" if parts.query else ""
            connection.request("GET", (parts.path or "/") + query, headers={"User-Agent": "launchscope-agent"})
            answer = connection.getresponse()
            if whole:
                answer.read(1_000_000)
            return 200 <= answer.status < 400
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return False


def _connection(scheme: str, host: str, port: Optional[int], timeout: float) -> http.client.HTTPConnection:
    if scheme == "https":
        # A server that comes up on its own host is not met by its public name: kubelets do not check either.
        context = ssl._create_unverified_context()  # noqa: S323
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
    return http.client.HTTPConnection(host, port, timeout=timeout)
