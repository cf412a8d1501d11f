"""A connection with one deadline over all of it: name, connect, TLS, and every byte of the handshake."""

from __future__ import annotations

import contextlib
import errno
import queue
import socket
import threading
import time
from typing import Any, Dict, Iterator, List, Tuple

from diagnostics.agent.messages import tr
from diagnostics.agent.probing.target import Target

Address = Tuple[int, Any]  # address family and what socket.connect takes
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}


class ProbeFailed(Exception):
    """Why a probe failed: ``reason`` is one word for machines, the message a sentence."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Connection:
    """To one target, within ``timeout`` seconds from now. ``stages`` holds what each step took, ns."""

    def __init__(self, target: Target, timeout: float) -> None:
        self.target = target
        self.timeout = timeout
        self.stages: Dict[str, int] = {}
        self.address = target.address
        self.stage = ""
        self._since = 0
        # The wall clock may be set in the middle of a probe.
        self._end = time.monotonic() + timeout
        self._socket: Any = None

    @contextlib.contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Account the block to ``stage``, also when it fails; every error of the network becomes ProbeFailed.

        Blocks nest (TLS within PostgreSQL's handshake); time counts for the innermost, so that stages sum to the whole.
        """
        outer = self._enter(stage)
        try:
            yield
        except (OSError, EOFError) as error:
            raise self._failed(error) from None
        finally:
            self._enter(outer)

    def _enter(self, stage: str) -> str:
        left, now = self.stage, time.monotonic_ns()
        if left:
            self.stages[left] = self.stages.get(left, 0) + now - self._since
        self.stage, self._since = stage, now
        return left

    def left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError once there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise socket.timeout("deadline")
        return left

    def open(self) -> None:
        """Resolve, connect, and TLS where the target wants it from the first byte."""
        with self.timed("resolve"):
            addresses = resolve(self.target, self.left())
        with self.timed("connect"):
            self._connect(addresses)
        if self.target.tls:
            self.start_tls(self.target.tls_verify)

    def _connect(self, addresses: List[Address]) -> None:
        for position, (family, address) in enumerate(addresses):
            # The rest of the time is shared out, so that one silent address cannot hide a good one.
            share = self.left() / (len(addresses) - position)
            try:
                self._socket = _connected(family, address, share)
                self.address = address if isinstance(address, str) else _shown(address)
                return
            except OSError:
                if position == len(addresses) - 1:
                    raise

    def start_tls(self, verify: bool = True) -> None:
        import ssl  # 10 ms that plain probes need not spend

        with self.timed("tls"):
            context = ssl.create_default_context()
            if not verify:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self._socket.settimeout(self.left())
            self._socket = context.wrap_socket(self._socket, server_hostname=self.target.host)

    def tls_version(self) -> str:
        return str(self._socket.version()) if hasattr(self._socket, "version") else ""

    def send(self, data: bytes) -> None:
        self._socket.settimeout(self.left())
        self._socket.sendall(data)

    def receive(self, count: int) -> bytes:
        """Exactly ``count`` bytes. Raises EOFError if the other side closes before."""
        data = b""
        while len(data) < count:
            data += self.receive_some(count - len(data))
        return data

    def receive_some(self, most: int) -> bytes:
        """What has arrived, at least one byte. Raises EOFError at the end."""
        self._socket.settimeout(self.left())
        data: bytes = self._socket.recv(most)
        if not data:
            raise EOFError
        return data

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _failed(self, error: Exception) -> ProbeFailed:
        reason = reason_of(error)
        return ProbeFailed(reason, _sentence(reason, self.stage, self.address, self.timeout, error))


def resolve(target: Target, timeout: float) -> List[Address]:
    """The addresses to try. The system's resolver knows no timeout, so it works in a thread that can be left behind."""
    if target.socket:
        return [(socket.AF_UNIX, target.socket)]
    answers: "queue.Queue[Any]" = queue.Queue()

    def ask() -> None:
        try:
            # As bytes: given text, Python loads 8 ms worth of IDNA tables, and the target is ASCII already.
            answers.put(socket.getaddrinfo(target.host.encode("ascii"), target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    # A resolver that hangs must not keep the command alive.
    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise socket.timeout("resolver") from None
    if isinstance(answer, UnicodeError):
        raise socket.gaierror(socket.EAI_NONAME, str(answer))
    if isinstance(answer, OSError):
        raise answer
    return [(family, address) for family, _, _, _, address in answer]


def _connected(family: int, address: Any, timeout: float) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(timeout)
        opened.connect(address)
    except OSError:
        opened.close()
        raise
    return opened


def _shown(address: Any) -> str:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"{host}:{address[1]}"


def reason_of(error: Exception) -> str:
    """One word for a network error: timeout, name_not_found, refused, unreachable, tls_invalid, closed or network."""
    if isinstance(error, socket.timeout):
        return "timeout"
    if isinstance(error, socket.gaierror):
        return "name_not_found"
    if type(error).__module__ == "ssl":  # SSLError, without loading it for probes that never meet one
        return "tls_invalid"
    if isinstance(error, (EOFError, ConnectionResetError, BrokenPipeError)):
        return "closed"
    if isinstance(error, (ConnectionRefusedError, FileNotFoundError)):
        return "refused"
    return "unreachable" if getattr(error, "errno", None) in _UNREACHABLE else "network"


def _sentence(reason: str, stage: str, address: str, timeout: float, error: Exception) -> str:
    if reason == "timeout":
        return tr("{address} did not answer within {timeout:g} s (in {stage})",
                  address=address, timeout=timeout, stage=tr(stage))  # fmt: skip
    if reason == "closed":
        return tr("{address} closed the connection in {stage}", address=address, stage=tr(stage))
    if reason == "refused":
        return tr("nothing listens at {address}", address=address)
    told = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    return tr("{address} failed in {stage}: {error}", address=address, stage=tr(stage), error=told)
