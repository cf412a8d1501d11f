"""One request, its redirects included, within its limits."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from diagnostics.outbound.addresses import Allowed, OutboundError, Reason
from diagnostics.outbound.network import Deadline, PinnedBackend, Resolver, Timing, system_resolver

REDIRECTS = {301, 302, 303, 307, 308}
AGENT = "Launchscope"
CHECK_SECONDS = 3.0  # somebody waits at a form


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` over everything; ``size`` bytes of the answer are read, the rest is left; 0 redirects are followed
    unless said otherwise (an answer 3xx is then the answer)."""

    seconds: float = 10.0
    size: int = 1024 * 1024
    redirects: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` have names in lower case; ``cut`` says that the body was longer than the limit."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool
    timing: Timing
    valid_until: datetime | None  # of the certificate; None without TLS


@dataclass(frozen=True, slots=True)
class _Sent:
    """What goes out at one hop."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    content: bytes


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    limits: Limits = Limits(),
    tls: ssl.SSLContext | bool = True,
    resolve: Resolver = system_resolver,
) -> Answer:
    """Ask ``url``; ``tls=False`` trusts any certificate. Any status is an answer. Raises ``OutboundError``.

    Goes out directly, never through a proxy of the environment: a proxy would resolve the name once more.
    """
    deadline, timing, began = Deadline(limits.seconds), Timing(), time.perf_counter_ns()
    sent = _Sent(method.upper(), read_url(url), dict(headers or {}), content)
    context = tls if isinstance(tls, ssl.SSLContext) else _context(tls)
    try:
        for hop in range(limits.redirects + 1):
            answer = _hop(sent, limits, context, PinnedBackend(resolve, _allowed(), deadline, timing), timing)
            if answer.status not in REDIRECTS or "location" not in answer.headers or not limits.redirects:
                break
            if hop == limits.redirects:
                text = _("There were more than %(most)d redirects.") % {"most": limits.redirects}
                raise OutboundError(Reason.REDIRECT, text)
            sent = _redirected(sent, answer)
    except OutboundError as error:
        error.took_ns = time.perf_counter_ns() - began
        raise _after_redirect(error, url, sent) from None
    timing.total_ns = time.perf_counter_ns() - began
    return answer


def read_url(url: str) -> httpx.URL:
    """Raises ``OutboundError`` for what cannot be asked."""
    try:
        read = httpx.URL(url.strip())
        port_is_fine = read.port is None or 0 < read.port < 65536
    except (httpx.InvalidURL, ValueError) as error:
        raise OutboundError(Reason.URL, _("This is no URL: %(why)s.") % {"why": str(error).rstrip(".")}) from None
    if read.scheme not in ("http", "https") or not read.host or "%" in read.host or not port_is_fine:
        raise OutboundError(Reason.URL, _("A URL begins with http:// or https:// and names a host."))
    if read.userinfo:
        text = _("Leave user and password out of the URL, which is shown: use a header.")
        raise OutboundError(Reason.URL, text)
    return read


def check(url: str, resolve: Resolver = system_resolver) -> None:
    """Refuse where people type it what `request` would refuse; that looks again. Raises ``OutboundError``."""
    read = read_url(url)
    backend = PinnedBackend(resolve, _allowed(), Deadline(CHECK_SECONDS), Timing())
    backend.addresses(read.host, read.port or (443 if read.scheme == "https" else 80))


def _hop(sent: _Sent, limits: Limits, context: ssl.SSLContext, backend: PinnedBackend, timing: Timing) -> Answer:
    netloc = sent.url.netloc
    own = {"Host": netloc.decode("ascii"), "User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    given = {name.lower() for name in sent.headers}
    headers = {name: text for name, text in own.items() if name.lower() not in given} | dict(sent.headers)
    target = httpcore.URL(
        scheme=sent.url.raw_scheme, host=sent.url.raw_host, port=sent.url.port, target=sent.url.raw_path
    )
    try:
        with (
            httpcore.ConnectionPool(ssl_context=context, network_backend=backend) as pool,
            pool.stream(sent.method, target, headers=_encoded(headers), content=_content(sent)) as response,
        ):
            body, cut = _body(response, limits.size)
            stream = response.extensions.get("network_stream")
            valid_until = stream.get_extra_info("valid_until") if stream else None
    except httpcore.LocalProtocolError as error:
        raise OutboundError(Reason.URL, _("This cannot be sent in HTTP: %(why)s.") % {"why": error}) from None
    except (httpcore.ProtocolError, httpcore.NetworkError) as error:
        words = {"host": sent.url.host, "why": str(error).rstrip(".")}
        raise OutboundError(Reason.PROTOCOL, _("%(host)s does not answer in HTTP: %(why)s.") % words) from None
    told = {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in response.headers}
    return Answer(str(sent.url), response.status, told, body, cut, timing, valid_until)


def _content(sent: _Sent) -> bytes | None:
    """An empty body is told of where one is expected: servers answer 411 otherwise."""
    return sent.content if sent.content or sent.method in ("POST", "PUT", "PATCH") else None


def _body(response: httpcore.Response, most: int) -> tuple[bytes, bool]:
    body = bytearray()
    for part in response.iter_stream():
        body += part
        if len(body) > most:
            return bytes(body[:most]), True
    return bytes(body), False


def _redirected(sent: _Sent, answer: Answer) -> _Sent:
    """The next request, as browsers make it: 301 to 303 are fetched, 307 and 308 sent again."""
    try:
        url = read_url(str(sent.url.join(answer.headers["location"])))
    except httpx.InvalidURL as error:
        raise OutboundError(Reason.REDIRECT, _("The redirect leads to no URL: %(why)s.") % {"why": error}) from None
    same = (url.scheme, url.host, url.port) == (sent.url.scheme, sent.url.host, sent.url.port)
    # Headers may be secrets, and those are for whom they were given.
    headers = sent.headers if same else {}
    if answer.status in (307, 308):
        return _Sent(sent.method, url, headers, sent.content)
    return _Sent("HEAD" if sent.method == "HEAD" else "GET", url, headers, b"")


def _after_redirect(error: OutboundError, url: str, sent: _Sent) -> OutboundError:
    if str(sent.url) == str(httpx.URL(url.strip())) or error.reason is Reason.REDIRECT:
        return error
    told = OutboundError(
        error.reason, _("After a redirect to %(url)s: %(why)s") % {"url": sent.url, "why": error.message}
    )
    told.took_ns = error.took_ns
    return told


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    try:
        return [(name.encode("ascii"), text.encode("latin-1")) for name, text in headers.items()]
    except UnicodeEncodeError:
        raise OutboundError(Reason.URL, _("A header holds characters that HTTP cannot carry.")) from None


def _allowed() -> Allowed:
    return Allowed.read(settings.OUTBOUND_ALLOW)


@lru_cache(maxsize=2)
def _context(verify: bool) -> ssl.SSLContext:
    """The roots are certifi's, or those of SSL_CERT_FILE and SSL_CERT_DIR; reading them takes tens of milliseconds."""
    return httpx.create_ssl_context(verify=verify)
