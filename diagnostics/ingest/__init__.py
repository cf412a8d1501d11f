"""Accept, store, parse: the one way in for an artifact. The only writer of artifacts, launches and records."""

from diagnostics.ingest.accepting import Accepted, Upload, accept
from diagnostics.ingest.assembling import assemble
from diagnostics.ingest.bundles import Bundle, Item, accept_bundle
from diagnostics.ingest.content import Packed, content_of, stream_of
from diagnostics.ingest.evidence import Evidence, accept_evidence
from diagnostics.ingest.joining import joined
from diagnostics.ingest.parsing import parse
from diagnostics.ingest.rereading import reparse
from diagnostics.ingest.trace_launches import settle
from diagnostics.ingest.traces import TracesAccepted, accept_traces
from diagnostics.ingest.upload_error import UploadError

__all__ = [
    "Accepted",
    "Bundle",
    "Evidence",
    "Item",
    "Packed",
    "TracesAccepted",
    "Upload",
    "UploadError",
    "accept",
    "accept_bundle",
    "accept_evidence",
    "accept_traces",
    "assemble",
    "content_of",
    "joined",
    "parse",
    "reparse",
    "settle",
    "stream_of",
]
