"""One POST or GET to a Launchscope server: gzip, a token, no redirects, and what the server says of failures.

Apart from ``upload``, because HTTP and TLS take megabytes that a launch under recording need not spend.
"""

from __future__ import annotations

import email.utils
import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.request
from typing import Any, Dict, NoReturn, Optional
from urllib.parse import urlsplit

from diagnostics.agent.upload import UploadError

_WORTH_ANOTHER_TRY = {408, 425, 429, 500, 502, 503, 504}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another server and turn the POST into a GET."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(
    url: str, body: bytes, token: str, timeout: float = 30.0, content_type: str = "application/json"
) -> Dict[str, Any]:
    """One attempt with a gzipped body. Raises UploadError."""
    headers = {"Content-Type": content_type, "Content-Encoding": "gzip", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 (the caller's server)
    try:
        with opener(url).open(request, timeout=timeout) as response:
            answer: Dict[str, Any] = json.loads(response.read())
            return answer
    except urllib.error.HTTPError as error:
        _raise(url, error)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise UploadError(f"{url} does not answer: {reason}", "unreachable") from None
    except ValueError:
        raise UploadError(f"{url} did not answer as a Launchscope server does: check the address", "no_api") from None


def opener(url: str) -> urllib.request.OpenerDirector:
    """Follows no redirect, and uses the environment's proxies except for this machine itself."""
    if _is_loopback(urlsplit(url).hostname or ""):
        # A proxy configured for the outer world cannot reach this machine's own loopback.
        return urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(_NoRedirect)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _raise(url: str, error: urllib.error.HTTPError) -> NoReturn:
    if 300 <= error.code < 400:
        target = error.headers.get("Location", "elsewhere")
        raise UploadError(
            f"{url} redirects to {target}: use that server's address", "redirect", permanent=True, status=error.code
        ) from None
    code, message = _told(error)
    retryable = error.code in _WORTH_ANOTHER_TRY
    after = retry_after(error.headers.get("Retry-After"))
    raise UploadError(f"{url} answered {error.code}: {message}", code, not retryable, after, error.code) from None


def _told(error: urllib.error.HTTPError) -> "tuple[str, str]":
    """The contract's code and message; a proxy in between answers in words of its own."""
    try:
        told = json.loads(error.read())["error"]
        place = f" ({told['where']})" if told.get("where") else ""
        return str(told["code"]), f"{told['message']}{place}"
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return "", str(error.reason)


def retry_after(value: Optional[str]) -> float:
    """Seconds, from either form of the header; 0 if there is none, or none that can be read."""
    if not value:
        return 0.0
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
