"""``sadf -x``: one ``<timestamp>`` element after the other, each dropped when it has been read.

<sysstat xmlns="http://pagesperso-orange.fr/sebastien.godard/sysstat"><host nodename="vm"><release>6.18.44</release>
  <statistics><timestamp date="2026-11-23" time="11:14:53" utc="1" interval="1">
    <cpu-load><cpu number="all" user="58.29" idle="8.54"/></cpu-load>
    <memory unit="kB"><memfree>22084184</memfree></memory></timestamp></statistics>
  <restarts><boot date="2026-11-23" time="11:15:41" utc="1" cpu_count="2"/></restarts></host></sysstat>
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from xml.etree.ElementTree import Element, XMLPullParser
from xml.etree.ElementTree import ParseError as BrokenXml

from diagnostics.parsers.sadf.entries import local_name, node_of
from diagnostics.parsers.sadf.json_document import Found
from diagnostics.parsers.source import Source
from diagnostics.records import ParseError

_HOST = frozenset(("sysname", "release", "machine", "number-of-cpus", "file-date", "file-utc-time", "timezone"))
_STAMP = ("date", "time", "utc", "tz", "interval")


class Document:
    """Reads forward only. ``is_cut`` says that the file ended too early."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._above: list[Element] = []
        self.is_cut = True
        self.lines = 0

    def found(self) -> Iterator[Found]:
        parser: XMLPullParser[Any] = XMLPullParser(("start", "end"))
        has_begun = False
        for line, text in enumerate(self._texts(), 1):
            self.lines = line
            # sadf declares no entity; what does is made to burst a parser.
            if "<!ENTITY" in text:
                raise ParseError("The XML declares an entity, which sadf never does.", f"line {line}")
            try:
                # Nothing follows the text of a line, which may end within a tag where the file was cut.
                parser.feed(f"\n{text}" if has_begun else text.lstrip())
                has_begun = has_begun or bool(text.strip())
                for event, element in cast(Iterator[tuple[str, Element]], parser.read_events()):
                    yield from self._take(event, element, line)
            except BrokenXml as error:
                raise ParseError(f"The XML is broken: {error.msg}.", f"line {line}") from None

    def _texts(self) -> Iterator[str]:
        # What has no line ends is one line, however long.
        has_lines = self._source.head().count(b"\n") > 3
        return self._source.lines() if has_lines else iter([self._source.read().decode("utf-8-sig", "replace")])

    def _take(self, event: str, element: Element, line: int) -> Iterator[Found]:
        if event == "start":
            self._above.append(element)
            return
        self._above.pop()
        name = local_name(element.tag)
        if name == "timestamp":
            entry = node_of(element)
            stamp = {key: entry.pop(key) for key in _STAMP if key in entry}
            yield Found("statistics", "", {"timestamp": stamp, **entry}, line)
        elif name in ("boot", "comment"):
            yield Found("restarts" if name == "boot" else "comments", "", dict(element.attrib), line)
        elif name in _HOST:
            yield Found("host", name, (element.text or "").strip(), line)
        elif name == "host":
            yield Found("host", "nodename", element.get("nodename", ""), line)
        elif not self._above:
            self.is_cut = False
        if name in ("timestamp", "boot", "comment") and self._above:
            self._above[-1].clear()
