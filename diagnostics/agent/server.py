"""Reads from a Launchscope server's API: GET, JSON, one deadline for all of it."""

from __future__ import annotations

import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.request
from typing import Any, Dict, Iterator, Mapping, Optional
from urllib.parse import quote, urlencode, urlsplit

from diagnostics.agent.failure import IMPOSSIBLE, NOTHING_FOUND, USAGE, Failure
from diagnostics.agent.messages import tr

LARGEST_ANSWER = 64 * 1024 * 1024
# The most the contract allows: fewer round trips from a host that may be far away.
_PAGE = 1000


class Server:
    """One server and one token. Every call raises Failure: NOTHING_FOUND for 404, USAGE for a bad selection,
    else IMPOSSIBLE."""

    def __init__(self, url: str, token: str, timeout: float = 10.0) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise Failure(tr("“{url}” is not the address of a server; write http://host:8000", url=url))
        self.url = url.rstrip("/")
        self._token = token
        self._deadline = time.monotonic() + timeout
        self._opener = urllib.request.build_opener(_NoRedirect, *_proxies(urlsplit(url).hostname or ""))

    def get(self, path: str, query: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
        """``get("launches", {"service": "x"})`` → what ``/api/v1/launches?service=x`` answers."""
        url = f"{self.url}/api/v1/{quote(path)}" + ("?" + urlencode(query, doseq=True) if query else "")
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        request = urllib.request.Request(url, headers={**headers, "Accept": "application/json"})  # noqa: S310
        try:
            with self._opener.open(request, timeout=self._left()) as response:
                return _object(url, b"".join(self._pieces(response)))
        except urllib.error.HTTPError as error:
            raise _refused(url, error) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise Failure(tr("{url} does not answer: {reason}", url=self.url, reason=reason)) from None

    def items(self, path: str, query: Optional[Mapping[str, Any]] = None) -> Iterator[Dict[str, Any]]:
        """Every item of a list, page after page."""
        asked: Dict[str, Any] = {"limit": _PAGE, **(query or {})}
        while True:
            page = self.get(path, asked)
            yield from page.get("items", [])
            if not page.get("next"):
                return
            asked["cursor"] = page["next"]

    def _pieces(self, response: Any) -> Iterator[bytes]:
        """The body, piece by piece: a socket's own timeout would begin anew with every byte of a slow server."""
        total = 0
        while True:
            self._left()
            piece = response.read1(1 << 16)
            if not piece and response.length:
                raise http.client.IncompleteRead(b"", response.length)
            if not piece:
                return
            total += len(piece)
            if total > LARGEST_ANSWER:
                raise Failure(tr("{url} answered more than {size} MB", url=self.url, size=LARGEST_ANSWER >> 20))
            yield piece

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Failure(tr("{url} did not answer in time", url=self.url))
        return left


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another server."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _proxies(host: str) -> "list[urllib.request.ProxyHandler]":
    """None for this machine's own loopback, which a proxy for the outer world cannot reach."""
    try:
        own = ipaddress.ip_address(host).is_loopback
    except ValueError:
        own = host == "localhost"
    return [urllib.request.ProxyHandler({})] if own else []


def _object(url: str, body: bytes) -> Dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Failure(tr("{url} did not answer as a Launchscope server does: check the address", url=url))
    return answer


def _refused(url: str, error: urllib.error.HTTPError) -> Failure:
    code = NOTHING_FOUND if error.code == 404 else IMPOSSIBLE
    try:
        body = json.loads(error.read(LARGEST_ANSWER))["error"]
        told = body["message"]
        if body.get("code") == "invalid_selector":
            code = USAGE
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        told = error.reason
    return Failure(tr("{url} answered {status}: {message}", url=url, status=error.code, message=told), code)
