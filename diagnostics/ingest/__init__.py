"""Accept, store, parse: the one way in for an artifact. The only writer of artifacts, launches and records."""

from diagnostics.ingest.accepting import Accepted, Evidence, Upload, UploadError, accept, accept_evidence
from diagnostics.ingest.content import content_of
from diagnostics.ingest.parsing import parse

__all__ = ["Accepted", "Evidence", "Upload", "UploadError", "accept", "accept_evidence", "content_of", "parse"]
