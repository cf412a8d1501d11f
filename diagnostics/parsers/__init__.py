"""One file per artifact kind. A parser takes the raw bytes and what the upload's query said, and returns ``Parsed``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from diagnostics.parsers import host_samples, probe, snapshot
from diagnostics.parsers.hints import Hints
from diagnostics.records import Kind, Parsed

Parser = Callable[[bytes, Hints], Parsed]

PARSERS: Mapping[Kind, Parser] = {
    Kind.SNAPSHOT: snapshot.parse,
    Kind.HOST_SAMPLES: host_samples.parse,
    Kind.PROBE: probe.parse,
}

# How ``kind=auto`` recognises a file: the first that says yes.
RECOGNISERS: Mapping[Kind, Callable[[bytes], bool]] = {
    Kind.HOST_SAMPLES: host_samples.recognise,
    Kind.PROBE: probe.recognise,
    Kind.SNAPSHOT: snapshot.recognise,
}


def sniff(content: bytes) -> Kind | None:
    """The kind of a file by its content, or ``None`` when no recogniser knows it."""
    return next((kind for kind, recognise in RECOGNISERS.items() if recognise(content)), None)


__all__ = ["PARSERS", "RECOGNISERS", "Hints", "Parser", "sniff"]
