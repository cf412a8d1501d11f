"""The server's API from Python: ``Client(url, token).launches_listed(service="web")``. Standard library only.

One method an operation of the OpenAPI document, named by its operationId; a test holds the two to each other. Keyword
arguments have the API's names (``from`` and dashes as ``from_`` and ``_``); None leaves one out.
"""

from __future__ import annotations

import gzip
import json
import os
import time
import urllib.error
import urllib.request
from typing import Any, Callable, Iterator, Mapping, Optional
from urllib.parse import urlencode

from diagnostics.agent import posting
from diagnostics.agent.client_alerts import AlertCalls
from diagnostics.agent.client_base import Document
from diagnostics.agent.client_files import FileCalls
from diagnostics.agent.client_launches import LaunchCalls
from diagnostics.agent.client_services import ServiceCalls
from diagnostics.agent.upload import Pauses, UploadError


class ApiError(Exception):
    """What the server said instead: ``code``, ``message``, ``where``, ``status`` (0: it did not answer)."""

    def __init__(self, message: str, code: str = "", where: str = "", status: int = 0) -> None:
        super().__init__(f"{message} ({where})" if where else message)
        self.message, self.code, self.where, self.status = message, code, where, status


class Client(LaunchCalls, FileCalls, ServiceCalls, AlertCalls):
    """A server and a token; else LAUNCHSCOPE_URL and LAUNCHSCOPE_TOKEN. Every call raises ApiError.

    What can be repeated harmlessly (reading, uploads) is tried again for ``patience`` seconds when the server is busy.
    """

    def __init__(
        self,
        url: str = "",
        token: str = "",
        timeout: float = 60.0,
        patience: float = 60.0,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = (url or os.environ.get("LAUNCHSCOPE_URL", "")).rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise ValueError("Give the server's address, http://host:8000, or set LAUNCHSCOPE_URL")
        self.token = token or os.environ.get("LAUNCHSCOPE_TOKEN", "")
        self.timeout, self.patience, self._wait = timeout, patience, wait
        self._opener = posting.opener(self.url)

    def pages(self, call: Callable[..., Document], *given: Any, **named: Any) -> Iterator[Document]:
        """Every item of a list, page after page: ``client.pages(client.launches_listed, service="web")``."""
        cursor: Optional[str] = None
        while True:
            page = call(*given, **named, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page.get("next")
            if not cursor:
                return

    def wait_until_judged(self, launch_id: str, patience: float = 120.0) -> Document:
        """The launch once a worker has judged it. Raises ApiError ``not_judged`` after so many seconds."""
        deadline = time.monotonic() + patience
        while True:
            launch: Document = self.launches_one(launch_id)
            if launch["state"] == "judged":
                return launch
            if time.monotonic() > deadline:
                raise ApiError(f"Launch {launch_id} is {launch['state']} after {patience:g} s", "not_judged")
            self._wait(0.5)

    def _call(
        self,
        method: str,
        path: str,
        query: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        content_type: str = "application/json",
        repeats: bool = False,
    ) -> Any:
        """JSON as Python has it, text or bytes of another kind; ``repeats`` says that doing it twice is harmless."""
        request = self._request(method, path, query or {}, body, content_type)
        pauses = Pauses(self.patience if repeats else 0.0)
        while True:
            try:
                with self._opener.open(request, timeout=self.timeout) as response:
                    return _content(response.headers.get_content_type(), response.read())
            except urllib.error.HTTPError as error:
                refusal = _refusal(error)
                after = posting.retry_after(error.headers.get("Retry-After"))
                again = repeats and error.code in (429, 503)
            except OSError as error:
                refusal = ApiError(f"{self.url} does not answer: {getattr(error, 'reason', None) or error}")
                after, again = 0.0, repeats
            try:
                self._wait(pauses.after(UploadError(str(refusal), permanent=not again, retry_after=after)))
            except UploadError:
                raise refusal from None

    def _request(
        self, method: str, path: str, query: Mapping[str, Any], body: Any, content_type: str
    ) -> urllib.request.Request:
        told = {name: _plain(value) for name, value in query.items() if value is not None}
        url = self.url + path + ("?" + urlencode(told, doseq=True) if told else "")
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            data = gzip.compress(content, 5)
            headers.update({"Content-Type": content_type, "Content-Encoding": "gzip"})
        return urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 (the caller's server)


def _plain(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _content(kind: str, body: bytes) -> Any:
    if not body:
        return None
    return json.loads(body) if kind.endswith("json") else body


def _refusal(error: urllib.error.HTTPError) -> ApiError:
    """The contract's error; a proxy in between answers in words of its own."""
    try:
        told = json.loads(error.read())
        told = told.get("error", told)  # OTLP has code and message alone
        return ApiError(str(told["message"]), str(told["code"]), str(told.get("where", "")), error.code)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ApiError(f"{error.code} {error.reason}", "", "", error.code)
