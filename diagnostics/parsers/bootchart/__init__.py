"""What a boot chart is drawn from: a tar of ``header``, ``proc_ps.log``, ``proc_stat.log`` and ``proc_diskstats.log``.

Each log is blocks of what ``/proc`` held, a line of hundredths of a second since boot before each::

    1234
    1 (systemd) S 0 1 1 0 -1 4194560 … (fields of /proc/PID/stat)
    214 (postgres) S 1 …

    1254
    …

Every process but the kernel's threads is a phase from its start to when it was last seen, inside its parent; one that
still ran in the end is marked ``open``. CPU and disks are samples. Times count from the boot; ``boot_time`` places it.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from diagnostics.parsers.bootchart.blocks import lines_of
from diagnostics.parsers.bootchart.processes import Processes
from diagnostics.parsers.bootchart.usage import Disks, Usage
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.origin import placed
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import HostFacts, Parsed, ParseError

PARSER = "bootchart/1"
HEADER, PS, STAT, DISKS = "header", "proc_ps.log", "proc_stat.log", "proc_diskstats.log"
FILES = (HEADER, PS, STAT, DISKS)
MOST_HEADER = 65_536
_SHOWN = ("title", "system.uname", "system.release", "system.cpu", "system.kernel.options", "version")


def parse(source: Source, hints: Hints) -> Reading:
    """Phases in order of start, then samples. Raises ``ParseError`` for no tar of such logs, or no processes."""
    tally, processes, usage, disks = Tally(), Processes(), Usage(), Disks()
    header: dict[str, str] = {}
    takers = {PS: processes.take, STAT: usage.take, DISKS: disks.take}
    is_cut = False
    try:
        for name, stream in _members(source):
            if name == HEADER:
                header = _header(stream)
            else:
                lines_of(stream, takers[name], tally)
    except (tarfile.TarError, EOFError, OSError) as error:
        if not processes:
            raise ParseError(f"This is no tar of a boot chart's logs: {error}", "", "invalid_archive") from None
        is_cut = True
    if not processes:
        raise ParseError(f"The archive has no {PS} with processes in it", PS, "no_processes")
    shift, clock = placed(0, processes.last, hints)
    yield from processes.phases(shift)
    yield from usage.series(shift)
    yield from disks.series(shift)
    told = {key.rpartition(".")[2]: header[key][:500] for key in _SHOWN if header.get(key)}
    facts = {"clock": clock, **told, **processes.facts(), **({"truncated": True} if is_cut else {})}
    return Parsed(parser=PARSER, host=_host(header), lines=tally.lines(), facts={**facts, **tally.facts()})


def _members(source: Source) -> Iterator[tuple[str, io.BufferedReader]]:
    with tarfile.open(fileobj=_Chunks(source), mode="r|") as archive:  # type: ignore[call-overload]  # it only reads
        for member in archive:
            name = member.name.rpartition("/")[2]
            stream = archive.extractfile(member) if member.isfile() and name in FILES else None
            if stream is not None:
                yield name, stream


class _Chunks:
    """A file that can only be read on, off the chunks of a source."""

    def __init__(self, source: Source) -> None:
        self._chunks, self._rest = source.chunks(), b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size:
            chunk = next(self._chunks, b"")
            if not chunk:
                break
            self._rest += chunk
        read, self._rest = self._rest[:size], self._rest[size:]
        return read


def _header(stream: io.BufferedReader) -> dict[str, str]:
    text = stream.read(MOST_HEADER).decode("utf-8", "replace")
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs if value.strip()}


def _host(header: dict[str, str]) -> HostFacts | None:
    """``Boot chart for HOST (date)``."""
    name = header.get("title", "").removeprefix("Boot chart for ").partition(" ")[0]
    return HostFacts(name) if name and name != "(none)" and name != header.get("title") else None


def recognise(head: bytes) -> bool:
    """A tar whose first members are such logs."""
    if head[257:262] != b"ustar":
        return False
    names = [head[at : at + 100].split(b"\0", 1)[0] for at in range(0, min(len(head), 16_384), 512)]
    known = {name.rpartition(b"/")[2] for name in names if name}
    return bool(known & {PS.encode(), STAT.encode(), DISKS.encode()})
