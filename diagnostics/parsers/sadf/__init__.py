"""``sadf``: what sysstat's ``sadf`` prints, versions 9 to 12: JSON (``-j``), XML (``-x``), database (``-d``, ``-dh``),
pairs (``-p``).

Samples have the names that ``sysstat_columns`` gives them, as those of ``sar`` do. Stamps are UTC where the file says
so (``utc``, ``tz``, a zone after the time, seconds with ``-U``), else local time of ``hints.zone`` (``-T``, ``-t``).
Restarts and comments are events. Raw counters (``-r``), drawings (``-g``), headers alone (``-H``) and usage texts are
refused with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Reading
from diagnostics.parsers.sadf import json_document, xml_document
from diagnostics.parsers.sadf.entries import add_entry, add_mark
from diagnostics.parsers.sadf.rows import read_database, read_pairs
from diagnostics.parsers.sadf.samples import Samples
from diagnostics.parsers.source import Source
from diagnostics.records import Event, ParseError, SampleSeries

PARSER = "sadf/1"
ASK = "Send the output of “sadf -j FILE -- -A”, “sadf -d” or “sadf -x”."

_JSON = re.compile(r'\{\s*"sysstat"\s*:')
_XML = re.compile(
    r'(?:<\?xml[^>]*>\s*)?<(?:sysstat\b|!DOCTYPE sysstat\b|!DOCTYPE Configure PUBLIC "DTD v[\d.]+ sysstat)'
)
_DATABASE = re.compile(
    r"^# ?hostname;interval;timestamp;|^[^;\n]*;-?\d+;(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^;\n]*|\d{9,});\S", re.MULTILINE
)
_PAIRS = re.compile(
    r"^[^\t\n]*\t-?\d+\t(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^\t\n]*|\d{9,})\t(?:[^\t\n]+\t[^\t\n]+\t|LINUX-RESTART|COM )",
    re.MULTILINE,
)
_REFUSED = {
    "raw": (
        re.compile(
            r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(?: \S+)?; (?:\w+;(?: [^;\n]*;)+|LINUX-RESTART|COM )"
            r"|# uptime_cs; \d"
        ),
        "These are raw counters (“sadf -r”), which say nothing by themselves.",
    ),
    "drawing": (
        re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE svg\b[^>]*>\s*)?<svg\b(?s:.){0,600}?Linux \S+ \([^)]*\)"),
        "This is a drawing (“sadf -g”), not its numbers.",
    ),
    "header": (
        re.compile(r"System activity data file: |File created by sar/sadc from sysstat version \d"),
        "This is only the header of a data file (“sadf -H”), without samples.",
    ),
    "usage": (
        re.compile(r"Usage:\s+\S*\bsadf\b"),
        "This is the usage text of sadf: this version does not know an option it was given (9.1 has no -j).",
    ),
}
FORMATS = {"json": _JSON, "xml": _XML, "database": _DATABASE, "pairs": _PAIRS}


def recognise(head: bytes) -> bool:
    """Any of sadf's formats, also those that are refused."""
    text = _first_text(head)
    return _format(text) is not None or _refusal(text) is not None


def parse(source: Source, hints: Hints) -> Reading:
    """Raises ``ParseError`` for what has no samples, and for broken XML or JSON with the line."""
    text = _first_text(source.head())
    kind = _format(text)
    if kind is None:
        raise ParseError(_refusal(text) or f"This is not the output of sadf. {ASK}", "line 1", "not_sadf")
    samples = Samples(hints)
    samples.facts["format"] = kind
    if kind in ("json", "xml"):
        yield from _document(
            json_document.Document(source) if kind == "json" else xml_document.Document(source), samples
        )
    else:
        yield from read_database(source, samples) if kind == "database" else read_pairs(source, samples)
    yield from samples.take(is_over=True)
    return samples.parsed(PARSER)


def _document(
    document: json_document.Document | xml_document.Document, samples: Samples
) -> Iterator[Event | SampleSeries]:
    last: int | None = None
    for found in document.found():
        if found.kind == "host":
            _host(samples, found.name, found.value)
        elif not isinstance(found.value, dict):
            samples.tally.skip(found.line, "an entry that cannot be read")
        elif found.kind == "statistics":
            last = add_entry(samples, found.value, found.line, last) or last
        else:
            add_mark(samples, found.kind, found.value, found.line)
        yield from samples.take()
    samples.tally.total = document.lines
    if document.is_cut:
        samples.facts["cut"] = f"The file ends too early, in line {document.lines}; what came before was read."


_FACTS = {"release": "kernel", "machine": "arch", "number-of-cpus": "cpu_count", "timezone": "timezone"}


def _host(samples: Samples, name: str, value: object) -> None:
    if name == "nodename":
        samples.host = str(value)
    elif name in _FACTS:
        text = str(value)
        samples.facts[_FACTS[name]] = int(text) if name == "number-of-cpus" and text.isdigit() else text


def _format(text: str) -> str | None:
    stripped = text.lstrip("\ufeff \t\r\n")
    return next(
        (
            name
            for name, pattern in FORMATS.items()
            if (pattern.search(_beginning(stripped)) if name in ("database", "pairs") else pattern.match(stripped))
        ),
        None,
    )


def _refusal(text: str) -> str | None:
    stripped = text.lstrip("\ufeff \t\r\n")
    return next((f"{said} {ASK}" for pattern, said in _REFUSED.values() if pattern.match(stripped)), None)


def _beginning(text: str) -> str:
    return "\n".join(text.split("\n", 5)[:5])


def _first_text(head: bytes) -> str:
    return next(Source.of(head).texts(), "")
