"""What a launch that does not get on is waiting for: the kernel function, and the sockets, of each of its processes."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from diagnostics.agent import process_tree

_STATES = {"01": "connected to", "02": "connecting to", "03": "accepting", "08": "closed by", "0A": "listening on"}
_SOCKET = re.compile(r"socket:\[(\d+)\]")
_MOST_SOCKETS = 20


class OpenSocket(NamedTuple):
    """``state`` is a verb with its preposition: ``connecting to``, ``listening on`` …; ``peer`` is address:port."""

    state: str
    peer: str
    waiting_bytes: int  # arrived and not read yet


class Waiting(NamedTuple):
    """One process: ``state`` is the kernel's letter (S sleeps, D waits for a device, R runs, T is stopped)."""

    pid: int
    name: str
    state: str
    wchan: str
    sockets: List[OpenSocket]

    def document(self) -> Dict[str, Any]:
        return {**self._asdict(), "sockets": [socket._asdict() for socket in self.sockets]}


def inspect(pid: int, proc: Path = process_tree.PROC) -> List[Waiting]:
    """Every process of the launch as it is this moment; what may not be read is left empty."""
    found = []
    for one in process_tree.descendants(pid, proc):
        process = process_tree.read(one, proc)
        if process and process.state != "Z":
            sockets = list(_sockets(one, proc))[:_MOST_SOCKETS]
            found.append(Waiting(one, process.name, process.state, _wchan(one, proc), sockets))
    return found


def headline(processes: List[Waiting]) -> str:
    """One sentence about the most telling process: who connects in vain, else who waits for a device, else the last."""
    for process in processes:
        connecting = next((s for s in process.sockets if s.state == "connecting to"), None)
        if connecting:
            return f"{process.name} ({process.pid}) is connecting to {connecting.peer} and gets no answer"
    stuck = next((process for process in processes if process.state == "D"), None)
    if stuck:
        return f"{stuck.name} ({stuck.pid}) waits for a device{_in(stuck)}"
    busy = next((process for process in processes if process.state == "R"), None)
    if busy:
        return f"{busy.name} ({busy.pid}) is computing"
    if not processes:
        return ""
    last = processes[-1]
    talking = next((s for s in last.sockets if s.state == "connected to"), None)
    return f"{last.name} ({last.pid}) sleeps{_in(last)}" + (f", connected to {talking.peer}" if talking else "")


def _in(process: Waiting) -> str:
    return f" in {process.wchan}" if process.wchan else ""


def _wchan(pid: int, proc: Path) -> str:
    try:
        text = (proc / str(pid) / "wchan").read_text().strip()
    except OSError:
        return ""
    return "" if text == "0" else text


def _sockets(pid: int, proc: Path) -> Iterator[OpenSocket]:
    mine = set(_inodes(pid, proc))
    if not mine:
        return
    for table in ("tcp", "tcp6"):
        yield from (found for inode, found in _table(proc / str(pid) / "net" / table) if inode in mine)


def _inodes(pid: int, proc: Path) -> Iterator[str]:
    try:
        handles = list((proc / str(pid) / "fd").iterdir())
    except OSError:
        return
    for handle in handles:
        try:
            match = _SOCKET.match(os.readlink(handle))  # noqa: PTH115 (Path.readlink builds a path of it)
        except OSError:
            continue
        if match:
            yield match.group(1)


def _table(path: Path) -> Iterator[Tuple[str, OpenSocket]]:
    try:
        rows = path.read_text().splitlines()[1:]
    except OSError:
        return
    for row in rows:
        fields = row.split()
        state = _STATES.get(fields[3])
        peer = _address(fields[1] if state == "listening on" else fields[2])
        if state and peer:
            yield fields[9], OpenSocket(state, peer, int(fields[4].partition(":")[2], 16))


def _address(text: str) -> Optional[str]:
    """``0100007F:1F90`` → ``127.0.0.1:8080``: the address is in 32-bit words of the host's byte order."""
    raw, _, port = text.partition(":")
    try:
        words = b"".join(bytes.fromhex(raw[i : i + 8])[::-1] for i in range(0, len(raw), 8))
        address = socket.inet_ntop(socket.AF_INET if len(words) == 4 else socket.AF_INET6, words)
    except (ValueError, OSError):
        return None
    address = address[7:] if address.startswith("::ffff:") else address
    return f"[{address}]:{int(port, 16)}" if ":" in address else f"{address}:{int(port, 16)}"


def listening(port: int, pid: Optional[int] = None, proc: Path = process_tree.PROC) -> Optional[bool]:
    """Whether something listens on a TCP port in the network namespace of ``pid`` (or ours); None if it may not be
    read. Nothing is connected to: the program does not notice."""
    wanted = f":{port:04X}"
    known = False
    for table in ("tcp", "tcp6"):
        try:
            text = (proc / str(pid or "self") / "net" / table).read_text()
        except OSError:
            continue
        known = True
        for row in text.splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and fields[1].endswith(wanted):
                return True
    return False if known else None
