"""Real sockets on loopback that say what a test tells them to."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def listening(talk: Talk) -> Iterator[int]:
    """A TCP port where every connection is given to ``talk`` in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, talk), daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket, talk: Talk) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_talk, args=(connection, talk), daemon=True).start()


def _talk(connection: socket.socket, talk: Talk) -> None:
    with connection, contextlib.suppress(OSError):
        talk(connection)


def saying(*answers: bytes) -> Talk:
    """Reads once before each answer, then closes."""

    def talk(connection: socket.socket) -> None:
        for answer in answers:
            connection.recv(65536)
            connection.sendall(answer)

    return talk


def silent(connection: socket.socket) -> None:
    """Reads until the other side goes, and never answers."""
    while connection.recv(65536):
        pass


@contextlib.contextmanager
def name_server(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """A UDP port that answers each datagram by ``answer``."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def run() -> None:
            with contextlib.suppress(OSError):
                while True:
                    question, sender = server.recvfrom(4096)
                    server.sendto(answer(question), sender)

        threading.Thread(target=run, daemon=True).start()
        yield server.getsockname()[1]


def free_port() -> int:
    """A port where nothing listens now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
