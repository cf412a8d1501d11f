"""Connections to exactly the addresses that were checked, all within one deadline."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any

import httpcore
from cryptography import x509
from django.utils.translation import gettext as _

from diagnostics.outbound.addresses import (
    NEVER_BESIDE_OTHERS,
    Address,
    Allowed,
    OutboundError,
    Reason,
    kind_of,
    literal,
    refusal,
    target_of,
)

# (host, port) → addresses, as text; raises OSError
Resolver = Callable[[str, int], Sequence[str]]


def system_resolver(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(slots=True)
class Timing:
    """Where the time went, ns; redirects are added up. ``first_byte_ns`` begins when the connection is ready."""

    dns_ns: int = 0
    connect_ns: int = 0
    tls_ns: int = 0
    first_byte_ns: int = 0
    total_ns: int = 0


@dataclass(slots=True)
class Deadline:
    """One time limit over everything, resolving and the last byte included."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        left = self.began + self.seconds - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> OutboundError:
        text = _("There was no complete answer within %(seconds)g s.") % {"seconds": self.seconds}
        return OutboundError(Reason.TIME, text)


def permitted(host: str, addresses: Iterable[str], allowed: Allowed) -> list[Address]:
    """The addresses of a host that may be connected to. Raises ``OutboundError`` for a host that must not be asked.

    A name that answers with public and forbidden addresses at once is refused: that is how rebinding begins. Where the
    operator listed some of its addresses, those are taken (``localhost`` is 127.0.0.1 and ::1).
    """
    told = [ip_address(text) for text in addresses]
    forbidden, listed, public = [], [], []
    for address in told:
        kind = kind_of(address)
        if kind is None:
            public.append(address)
        elif allowed.covers(host, target_of(address), kind):
            listed.append(address)
        else:
            forbidden.append((address, kind))
    worst = [one for one in forbidden if one[1] in NEVER_BESIDE_OTHERS] or (forbidden if not listed else [])
    if worst:
        raise refusal(host, *worst[0])
    return [*listed, *public]


class TimedStream(httpcore.NetworkStream):
    """A socket whose every operation gets what is left of the deadline, so that dripping bytes win no time."""

    def __init__(self, sock: socket.socket, deadline: Deadline, timing: Timing) -> None:
        self._socket = sock
        self._deadline = deadline
        self._timing = timing
        self._ready = time.perf_counter_ns()
        self._has_read = False
        self.valid_until: datetime | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(self._deadline.left())
        try:
            data = self._socket.recv(max_bytes)
        except OSError as error:
            raise self._failure(error) from None
        if not self._has_read:
            self._has_read = True
            self._timing.first_byte_ns += time.perf_counter_ns() - self._ready
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._socket.settimeout(self._deadline.left())
        try:
            self._socket.sendall(buffer)
        except OSError as error:
            raise self._failure(error) from None

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> TimedStream:
        began = time.perf_counter_ns()
        self._socket.settimeout(self._deadline.left())
        try:
            wrapped = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except OSError as error:
            self.close()
            raise _tls_failure(error, server_hostname or "", self._deadline) from None
        self._timing.tls_ns += time.perf_counter_ns() - began
        stream = TimedStream(wrapped, self._deadline, self._timing)
        stream.valid_until = _valid_until(wrapped)
        return stream

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        # Asked by the pool of idle connections only; here every connection carries one request.
        return {"is_readable": False, "server_addr": self._socket.getpeername, "valid_until": self.valid_until}.get(
            info
        )

    def _failure(self, error: OSError) -> OutboundError:
        if isinstance(error, TimeoutError):
            return self._deadline.passed()
        return OutboundError(Reason.CONNECT, _("The connection broke off: %(why)s.") % {"why": _why(error)})


class PinnedBackend(httpcore.NetworkBackend):
    """Resolves a name once, checks what it is told, and connects to that."""

    def __init__(self, resolve: Resolver, allowed: Allowed, deadline: Deadline, timing: Timing) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._deadline = deadline
        self._timing = timing

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> TimedStream:
        began = time.perf_counter_ns()
        addresses = self.addresses(host, port)
        resolved = time.perf_counter_ns()
        sock = self._connect(host, addresses, port)
        self._timing.dns_ns += resolved - began
        self._timing.connect_ns += time.perf_counter_ns() - resolved
        return TimedStream(sock, self._deadline, self._timing)

    def dial(self, host: str, port: int) -> socket.socket:
        return self._connect(host, self.addresses(host, port), port)

    def addresses(self, host: str, port: int) -> list[Address]:
        """The checked addresses of a host, its name resolved once."""
        written = literal(host)
        return permitted(host, [str(written)] if written else self._look_up(host, port), self._allowed)

    def _look_up(self, host: str, port: int) -> Sequence[str]:
        """The resolver knows no deadline, so it is asked in a thread that may be left behind."""
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def run() -> None:
            try:
                answers.put(self._resolve(host, port))
            except Exception as error:
                answers.put(error)

        threading.Thread(target=run, name="resolve", daemon=True).start()
        try:
            told = answers.get(timeout=self._deadline.left())
        except queue.Empty:
            raise self._deadline.passed() from None
        if isinstance(told, Exception) or not told:
            words = {"host": host, "why": _why(told) if isinstance(told, OSError) else _("no address")}
            raise OutboundError(Reason.NAME, _("The name %(host)s does not resolve: %(why)s.") % words)
        return told

    def _connect(self, host: str, addresses: Sequence[Address], port: int) -> socket.socket:
        failure: OSError | None = None
        for n, address in enumerate(addresses):
            # An address that swallows packets must leave time for the others.
            share = self._deadline.left() / (len(addresses) - n)
            try:
                sock = socket.create_connection((str(address), port), share)
            except OSError as error:
                failure = error
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
        if isinstance(failure, TimeoutError):
            raise self._deadline.passed()
        words = {"where": f"{host}:{port}", "why": _why(failure) if failure else _("no address")}
        raise OutboundError(Reason.CONNECT, _("No connection to %(where)s: %(why)s.") % words)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).rstrip(".")


def _tls_failure(error: OSError, host: str, deadline: Deadline) -> OutboundError:
    if isinstance(error, TimeoutError):
        return deadline.passed()
    if isinstance(error, ssl.SSLCertVerificationError):
        words = {"host": host, "why": error.verify_message.rstrip(".")}
        return OutboundError(Reason.TLS, _("The certificate of %(host)s is not trusted: %(why)s.") % words)
    words = {"host": host, "why": (getattr(error, "reason", "") or _why(error)).replace("_", " ").lower()}
    return OutboundError(Reason.TLS, _("TLS with %(host)s failed: %(why)s.") % words)


def _valid_until(sock: ssl.SSLSocket) -> datetime | None:
    """When the certificate ends; asked of its bytes, since Python parses only those it verified."""
    raw = sock.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(raw).not_valid_after_utc if raw else None
