"""The files in ``/var/log/sysstat`` (``sa23``), as sadc writes them: ``96 d5``, two bytes of format, four of version.

96 d5 75 21 0c 06 01 00        a little-endian host, format 0x2175, sysstat 12.6.1
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import replace

import msgspec

from diagnostics.parsers import sadf
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Reading
from diagnostics.parsers.sadf_program import NotConverted
from diagnostics.parsers.source import Source
from diagnostics.records import Event, Parsed, ParseError, Phase, SampleSeries

MAGICS = (b"\x96\xd5", b"\xd5\x96")  # of little- and big-endian hosts
Convert = Callable[[Source], AbstractContextManager[Source | None]]


def is_binary(head: bytes) -> bool:
    return head.startswith(MAGICS)


def parse_binary(source: Source, hints: Hints, convert: Convert) -> Reading:
    """What the installed ``sadf`` says the file holds. Raises ``ParseError`` when there is none, or it cannot."""
    version = written_by(source.head())
    ask = f"Run “sadf -j FILE -- -A” with sysstat {version} on the host that wrote it and send its output."
    try:
        with convert(source) as converted:
            if converted is None:
                raise ParseError(
                    f"This is a binary file of sysstat {version}, and no sadf is installed here to read it. {ask}",
                    code="binary_file",
                )
            parsed = yield from _of_the_file(sadf.parse(converted, hints))
    except NotConverted as problem:
        raise ParseError(
            f"The sadf installed here cannot read this binary file of sysstat {version}: {problem}. {ask}",
            code="binary_file",
        ) from None
    if parsed is None:
        raise ParseError(
            f"The sadf installed here finds nothing in this binary file of sysstat {version}. {ask}", code="binary_file"
        )
    facts = {**parsed.facts, "format": "binary", "sysstat_version": version}
    return replace(parsed, parser="sar/1", facts=facts)


def written_by(head: bytes) -> str:
    """The version of sysstat that wrote the file, of the form ``12.6.1``."""
    major, minor, patch, extra = head[4:8].ljust(4, b"\0")
    return f"{major}.{minor}.{patch}" + (f".{extra}" if extra else "")


def _of_the_file(reading: Reading) -> Generator[Phase | Event | SampleSeries, None, Parsed | None]:
    """The records, without lines, which are none of the file's; ``None`` when there are no records at all.

    An older sadf passes over all activities of a file that it does not know the format of, and says nothing.
    """
    is_empty = True
    while True:
        try:
            record = next(reading)
        except StopIteration as end:
            parsed: Parsed = end.value
            lines = replace(parsed.lines, total=0, read=0, skipped=parsed.lines.skipped)
            return None if is_empty else replace(parsed, lines=lines)
        is_empty = False
        yield msgspec.structs.replace(record, line=None) if isinstance(record, Event) else record
