"""DNS: one question to one name server, over UDP, and over TCP when the answer does not fit."""

from __future__ import annotations

import os
import socket
import struct
from typing import Any, Dict, List, Tuple

from diagnostics.agent.messages import tr
from diagnostics.agent.probing.connection import Connection, ProbeFailed, resolve

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
_RCODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_TRUNCATED, _RECURSION = 0x0200, 0x0100


def handshake(connection: Connection) -> Dict[str, Any]:
    """The whole exchange; there is no connection to open first. ``dns://server/name?type=AAAA``."""
    name = connection.target.path.strip("/") or "localhost"
    kind = connection.target.option("type", "A").upper()
    if kind not in TYPES:
        raise ProbeFailed("unexpected", tr("“{kind}” is not a record type asked for here", kind=kind))
    with connection.timed("resolve"):
        family, address = resolve(connection.target, connection.left())[0]
    # Not to be guessed, so that nobody on the way can answer first.
    number = int.from_bytes(os.urandom(2), "big")
    with connection.timed("handshake"):
        reply = _over_udp(connection, family, address, query(number, name, kind))
        if struct.unpack("!H", reply[2:4])[0] & _TRUNCATED:
            reply = _over_tcp(connection, query(number, name, kind))
        return {"name": name, "type": kind, "answers": _judge(name, reply)}


def query(number: int, name: str, kind: str) -> bytes:
    """A question with recursion desired. Raises ProbeFailed for a name that DNS cannot carry."""
    try:
        labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    except UnicodeError:
        labels = [b""]
    if not all(0 < len(label) < 64 for label in labels):
        raise ProbeFailed("unexpected", tr("“{name}” is not a name that DNS can ask for", name=name))
    encoded = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return struct.pack("!HHHHHH", number, _RECURSION, 1, 0, 0, 0) + encoded + struct.pack("!HH", TYPES[kind], 1)


def _over_udp(connection: Connection, family: int, address: Any, question: bytes) -> bytes:
    with socket.socket(family, socket.SOCK_DGRAM) as plain:
        plain.settimeout(connection.left())
        # Connected, a closed port is told at once and strangers' packets are dropped by the kernel.
        plain.connect(address)
        plain.send(question)
        while True:
            plain.settimeout(connection.left())
            reply = plain.recv(4096)
            # Late or forged answers to other questions are waited past.
            if _answers(reply, question):
                return reply


def _over_tcp(connection: Connection, question: bytes) -> bytes:
    connection.open()
    connection.send(struct.pack("!H", len(question)) + question)
    reply = connection.receive(struct.unpack("!H", connection.receive(2))[0])
    if not _answers(reply, question):
        raise ProbeFailed(
            "protocol", tr("{address} does not speak {protocol}", address=connection.address, protocol="DNS")
        )
    return reply


def _answers(reply: bytes, question: bytes) -> bool:
    """Same number, marked as a response, same question."""
    return (
        len(reply) >= 12
        and reply[:2] == question[:2]
        and bool(reply[2] & 0x80)
        and (reply[4:6] == b"\0\0" or reply[12 : len(question)].lower() == question[12:].lower())
    )


def _judge(name: str, reply: bytes) -> int:
    flags, _, answers = struct.unpack("!HHH", reply[2:8])
    code = flags & 0xF
    if code:
        reason = {2: "not_ready", 3: "name_not_found"}.get(code, "unexpected")
        word = _RCODES.get(code, str(code))
        raise ProbeFailed(reason, tr("the name server answered {code} for {name}", code=word, name=name))
    if not answers:
        raise ProbeFailed("name_not_found", tr("the name server knows no such record of {name}", name=name))
    return int(answers)


def name_servers(text: str) -> List[Tuple[str, int]]:
    """``resolv.conf`` → [(address, 53), …]."""
    rows = (row.split() for row in text.splitlines())
    return [(row[1], 53) for row in rows if len(row) > 1 and row[0] == "nameserver"]
