"""http and https: GET, and the status (and the body, where one is expected) of the answer."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from diagnostics.agent.messages import tr
from diagnostics.agent.probing.connection import Connection, ProbeFailed

_MOST = 64 * 1024


def handshake(connection: Connection) -> Dict[str, Any]:
    """2xx and 3xx are well unless the target expects another status; nothing is followed."""
    target = connection.target
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = {True: 443, False: 80}[target.tls]
    port = "" if target.port == usual else f":{target.port}"
    # Closed after one answer, so that the end of the stream ends a body of no announced length.
    request = (
        f"GET {target.path} HTTP/1.1\r\nHost: {host}{port}\r\nUser-Agent: launchscope-agent\r\n"
        "Accept: */*\r\nConnection: close\r\n\r\n"
    )
    connection.send(request.encode("utf-8"))
    status, headers, body = _answer(connection)
    if not (status == target.expect_status if target.expect_status else 200 <= status < 400):
        wanted = target.expect_status or "2xx"
        message = tr(
            "{address} answered {status}, not {wanted}", address=connection.address, status=status, wanted=wanted
        )
        # Both say “later”; any other status will not change by waiting.
        raise ProbeFailed("not_ready" if status in (429, 503) else "unexpected", message)
    if target.expect_body and target.expect_body.encode() not in _rest(connection, headers, body):
        raise ProbeFailed("unexpected", tr("the answer does not hold “{text}”", text=target.expect_body))
    return {"status": status, **({"date": headers["date"]} if "date" in headers else {})}


def _answer(connection: Connection) -> Tuple[int, Dict[str, str], bytes]:
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _MOST:
        data += connection.receive_some(4096)
        if not b"HTTP/".startswith(data[:5]):
            raise ProbeFailed(
                "protocol", tr("{address} does not speak {protocol}", address=connection.address, protocol="HTTP")
            )
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rows = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[1].isdecimal():
        raise ProbeFailed(
            "protocol", tr("{address} does not speak {protocol}", address=connection.address, protocol="HTTP")
        )
    pairs = (row.partition(":") for row in rows)
    return int(words[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}, body


def _rest(connection: Connection, headers: Dict[str, str], body: bytes) -> bytes:
    """The body up to its announced length, the end, or the first 64 KiB; chunk marks are left in."""
    length = headers.get("content-length", "")
    wanted = min(int(length), _MOST) if length.isdecimal() else _MOST
    while len(body) < wanted and not body.endswith(b"\r\n0\r\n\r\n"):
        try:
            body += connection.receive_some(wanted - len(body))
        except EOFError:
            break
    return body
