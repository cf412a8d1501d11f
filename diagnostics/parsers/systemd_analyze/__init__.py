"""What ``systemd-analyze`` prints of a boot::

    Startup finished in 1.022s (kernel) + 1.533s (initrd) + 12.390s (userspace) = 14.945s
    graphical.target reached after 1.204s in userspace.
    3.294s load-model.service
    multi-user.target @4.108s
    └─inference.service @3.689s +419ms
      └─load-model.service @390ms +3.294s

``time`` makes one phase a stage, ``critical-chain`` and ``plot`` (SVG, JSON, table) one a unit. ``blame`` has durations
only, which overlap: they are ``facts["units"]``, never phases and never summed. ``dump`` has stamps of the wall clock.
Times are ns since the kernel began; ``facts["clock"]`` is ``wall`` where ``boot_time`` came with the upload, ``boot``
where it did not, and ``relative`` where zero is not the kernel's (a container, a user's session, a chain alone).
"""

from __future__ import annotations

import re

from diagnostics.agent.lines import visible
from diagnostics.agent.stamps import Calendar
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.parsers.systemd_analyze import text
from diagnostics.parsers.systemd_analyze.boot import Boot
from diagnostics.parsers.systemd_analyze.dump import DUMP, read_dump
from diagnostics.parsers.systemd_analyze.plot import read_json, read_svg
from diagnostics.records import Parsed, ParseError

PARSER = "systemd-analyze/1"
_SVG = re.compile(rb"<svg\b")
_JSON = re.compile(rb'^\s*\[\s*\{\s*"(?:name|unit|time|activated|activating)"\s*:')


def parse(source: Source, hints: Hints) -> Reading:
    """Phases of the boot. Raises ``ParseError`` if the boot was not finished, or nothing tells how long it took."""
    head = source.head()
    if _is_dump(head):
        return (yield from read_dump(source.lines(), Calendar(hints.received_at, hints.zone, hints.year), PARSER))
    boot, tally = Boot(), Tally()
    if _SVG.search(head):
        read_svg(source.lines(), boot, tally)
    elif _JSON.match(head):
        read_json(source.read(), boot, tally)
    else:
        text.read(source.lines(), boot, tally)
    if not boot:
        message = "Nothing says how long the boot took: send the output of `systemd-analyze time`, `blame` or `plot`"
        raise ParseError(message, "", "no_boot_times")
    yield from boot.phases(hints)
    return Parsed(
        parser=PARSER,
        host=boot.host_facts(),
        lines=tally.lines(),
        facts={**boot.parsed_facts(hints), **tally.facts()},
    )


def recognise(head: bytes) -> bool:
    """One of its forms: a plot that names it, a dump, or lines that nothing else prints."""
    if _SVG.search(head):
        return b"systemd-analyze" in head
    if _JSON.match(head):
        first = head[: head.find(b"}")]
        return all(key in first for key in (b'"activating"', b'"activated"', b'"name"')) or _is_blame(first)
    if b"\0" in head:
        return False
    lines = [visible(line) for line in Source.of(head).lines()][:200]
    return _is_dump(head) or _is_text([line for line in lines if line.strip()])


def _is_blame(first: bytes) -> bool:
    return b'"unit"' in first and b'"time"' in first and b"." in first


def _is_dump(head: bytes) -> bool:
    first = Source.of(head[:4096]).lines()
    said = [line for line in first if line.strip()][:6]
    return (
        bool(said) and DUMP.match(said[0]) is not None and any(line.startswith(("-> ", "Manager: ")) for line in said)
    )


def _is_text(lines: list[str]) -> bool:
    if not lines:
        return False
    first = lines[0]
    if text.NOT_FINISHED in first or first.startswith((*text.CHAIN_HEADING, "Startup finished in ")):
        return True
    if text.TABLE_HEADING.match(first) or (text.NO_SYSTEMD.match(first) and len(lines) < 5):
        return True
    rows = sum(text.BLAME.match(line) is not None or _is_link(line) for line in lines)
    return rows * 2 > len(lines)


def _is_link(line: str) -> bool:
    link = text.CHAIN.match(line)
    return link is not None and (link["at"] is not None or link["took"] is not None)
