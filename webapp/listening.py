"""Where the web server listens, and whether it can."""

from __future__ import annotations

import errno
import http.client
import ipaddress
import socket
import time
from dataclasses import dataclass

from webapp.home import CannotStart


@dataclass(frozen=True)
class Listening:
    """BIND and PORT, or the ``setting`` that named the port."""

    bind: str
    port: int
    setting: str = "PORT"

    @property
    def is_loopback(self) -> bool:
        return self.bind == "localhost" or (_is_ip(self.bind) and ipaddress.ip_address(self.bind).is_loopback)

    @property
    def local_address(self) -> str:
        """The address this machine itself can reach it at."""
        if not _is_ip(self.bind) or not ipaddress.ip_address(self.bind).is_unspecified:
            return self.bind
        return "::1" if ":" in self.bind else "127.0.0.1"

    @property
    def url(self) -> str:
        host = self.local_address
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def host_names(self) -> list[str]:
        """Names in a request that mean this server: this machine's own, when others can reach it."""
        names = {"localhost", "127.0.0.1", "[::1]", f"[{self.bind}]" if ":" in self.bind else self.bind}
        if not self.is_loopback:
            own = socket.gethostname()
            names |= {own, socket.getfqdn(), *_addresses(own)}
        return sorted(names - {"0.0.0.0", "[::]", ""})  # noqa: S104 (not bound here)

    def check_free(self, patience: float = 0.0) -> None:
        """Raises CannotStart with one sentence; waits for a server that is just ending."""
        if not 0 < self.port < 65536:
            raise CannotStart(f"{self.setting} is {self.port}: give a number from 1 to 65535.")
        deadline = time.monotonic() + patience
        while problem := self._problem():
            if time.monotonic() >= deadline:
                raise CannotStart(problem)
            time.sleep(0.1)

    def _problem(self) -> str:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(self.bind, self.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind, protocol) as candidate:
                # As servers do: connections that were closed a moment ago do not count.
                candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                candidate.bind(address)
                candidate.listen(1)
        except PermissionError:
            return f"Port {self.port} needs root: set {self.setting} to a number above 1023."
        except socket.gaierror:
            return f"BIND is {self.bind!r}: give an address of this machine, such as 127.0.0.1 or 0.0.0.0."
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                place, setting = f"Port {self.port} on {self.bind}", self.setting
                return f"{place} is taken: end what listens there, or set {setting} to another."
            return f"Port {self.port} on {self.bind} cannot be used: {error.strerror}."
        return ""

    def answers(self) -> bool:
        """Whether the web server says it is alive."""
        connection = http.client.HTTPConnection(self.local_address, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _addresses(host: str) -> set[str]:
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return set()
    return {f"[{address}]" if ":" in address else address for address in found}
