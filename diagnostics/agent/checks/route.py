"""The hops to a host, where Linux lets an ordinary user see them: UDP with a small TTL, errors read from the socket.

No raw socket and no root is needed (IP_RECVERR). Networks that drop these packets or the answers show as ``*``.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys
import time
from typing import List, NamedTuple, Optional, Tuple

from diagnostics.agent.checks.check import GOOD, UNKNOWN, Check
from diagnostics.agent.messages import tr
from diagnostics.agent.units import duration

MOST_HOPS = 30
_FIRST_PORT = 33434  # traceroute's, which firewalls know
# Behind a firewall that drops everything, thirty waits would tell no more than five.
_SILENT_IN_A_ROW = 5
_IP_RECVERR, _IPV6_RECVERR, _MSG_ERRQUEUE = 11, 25, 0x2000
_ERROR = struct.Struct("=IBBBBII")  # struct sock_extended_err; the offender's address follows


class Hop(NamedTuple):
    """``address`` None: nobody answered in time. ``final``: the host itself answered."""

    number: int
    address: Optional[str]
    ns: int
    final: bool = False


def route(host: str, timeout: float, per_hop: float = 0.5) -> Check:
    """The hops to ``host``, in at most ``timeout`` seconds."""
    if not sys.platform.startswith("linux"):
        return Check("route", "network", UNKNOWN, tr("hops can only be seen on Linux"))
    try:
        hops = trace(host, time.monotonic() + timeout, per_hop)
    except OSError as error:
        message = tr("the route to {host} cannot be seen here: {error}", host=host, error=error.strerror or error)
        return Check("route", "network", UNKNOWN, message)
    evidence = [f"{hop.number} {hop.address or '*'} {duration(hop.ns) if hop.address else ''}".strip() for hop in hops]
    if hops and hops[-1].final:
        message = tr("{host} is {count} hops away ({took})", host=host, count=len(hops), took=duration(hops[-1].ns))
        return Check("route", "network", GOOD, message, None, len(hops), "hops", evidence)
    seen = sum(hop.address is not None for hop in hops)
    message = tr("{count} hops towards {host} answered, then none: the rest is filtered", count=seen, host=host)
    return Check("route", "network", UNKNOWN, message, None, seen, "hops", evidence)


def trace(host: str, deadline: float, per_hop: float) -> List[Hop]:
    """Raises OSError if the name is unknown or the kernel does not permit it."""
    family, _, _, _, address = socket.getaddrinfo(host, _FIRST_PORT, type=socket.SOCK_DGRAM)[0]
    hops: List[Hop] = []
    while len(hops) < MOST_HOPS and time.monotonic() < deadline:
        hops.append(_hop(family, str(address[0]), len(hops) + 1, per_hop))
        silent = [hop.address for hop in hops[-_SILENT_IN_A_ROW:]]
        if hops[-1].final or silent == [None] * _SILENT_IN_A_ROW:
            break
    return hops


def _hop(family: int, address: str, number: int, patience: float) -> Hop:
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, number)
        else:
            probe.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
            probe.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, number)
        probe.connect((address, _FIRST_PORT + number))
        begin = time.monotonic_ns()
        probe.send(b"launchscope")
        return _heard(probe, address, number, begin, patience)


def _heard(probe: socket.socket, address: str, number: int, begin: int, patience: float) -> Hop:
    """Wait for the ICMP error; a host that really listens on such a port answers with data instead."""
    probe.settimeout(patience)
    try:
        probe.recv(64)
        return Hop(number, address, time.monotonic_ns() - begin, final=True)
    except socket.timeout:
        return Hop(number, None, 0)
    except OSError as error:
        took = time.monotonic_ns() - begin
        offender, code = _offender(probe)
        final = error.errno == errno.ECONNREFUSED or code == errno.ECONNREFUSED
        return Hop(number, offender or (address if final else None), took, final)


def _offender(probe: socket.socket) -> Tuple[Optional[str], int]:
    """(who sent the ICMP error, its errno), from the socket's error queue."""
    try:
        _, ancillary, _, _ = probe.recvmsg(64, 512, _MSG_ERRQUEUE)
    except OSError:
        return None, 0
    for _, _, data in ancillary:
        if len(data) < _ERROR.size + 8:
            continue
        code, rest = _ERROR.unpack_from(data)[0], data[_ERROR.size :]
        family = struct.unpack("=H", rest[:2])[0]
        if family == socket.AF_INET:
            return socket.inet_ntop(socket.AF_INET, rest[4:8]), int(code)
        if family == socket.AF_INET6:
            return socket.inet_ntop(socket.AF_INET6, rest[8:24]), int(code)
    return None, 0
