"""The way to a real server, which can be cut: before a connection, in the middle of an upload, or before the answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

OPEN, CLOSED, CUT_UPLOAD, CUT_ANSWER = "open", "closed", "cut upload", "cut answer"


class Way:
    """A listening port of its own that forwards to ``target``; ``state`` may be changed at any time."""

    def __init__(self, server: socket.socket, target: int) -> None:
        self.url = f"http://127.0.0.1:{server.getsockname()[1]}"
        self.state = OPEN
        self.cuts = 0
        self._target = target
        self._server = server

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._forward, args=(connection, self.state), daemon=True).start()

    def _forward(self, client: socket.socket, state: str) -> None:
        with client, contextlib.suppress(OSError):
            self.cuts += state != OPEN
            if state == CLOSED:
                return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                if state == CUT_UPLOAD:
                    server.sendall(client.recv(100))
                    return
                threading.Thread(target=_copy, args=(client, server), daemon=True).start()
                if state == CUT_ANSWER:
                    server.recv(1)
                else:
                    _copy(server, client)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def way_to(port: int) -> Iterator[Way]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        way = Way(server, port)
        threading.Thread(target=way.serve, daemon=True).start()
        yield way
