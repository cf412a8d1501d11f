"""Every collected file on its whole way: sent as kind=auto, stored, streamed through its parser into tables."""

from __future__ import annotations

import pytest

from diagnostics.ingest import Evidence, Packed, accept_evidence, joined, parse
from diagnostics.models import Artifact, ArtifactPhase, EventRecord, SampleRecord
from diagnostics.parsers import PARSERS
from tests.parsers.shared_samples import SAMPLES, here_only
from tests.parsers.test_sniff import FILES, kind_of

pytestmark = [pytest.mark.django_db, here_only]
EVIDENCE = [(folder, name) for folder, name in FILES if folder != "traces" and kind_of(folder, name) in PARSERS]


def sent(folder: str, name: str) -> Evidence:
    return Evidence(Packed.of((SAMPLES / folder / name).read_bytes()), "auto", host="h")


@pytest.mark.parametrize(("folder", "name"), EVIDENCE, ids=lambda value: value)
def test_what_is_sent_is_read_or_refused_with_a_sentence(folder: str, name: str) -> None:
    accepted = accept_evidence(sent(folder, name))
    assert accepted.kind == kind_of(folder, name)
    assert parse(accepted.artifact) is None
    assert joined(accepted.artifact) == []
    artifact = Artifact.objects.get()
    stored = {
        "phases": ArtifactPhase.objects.count(),
        "events": EventRecord.objects.count(),
        "samples": sum(len(row.times) for row in SampleRecord.objects.all()),
    }
    if artifact.state == "rejected":
        assert len((artifact.error or {})["message"]) > 20
        assert not any(stored.values())
    else:
        assert artifact.state == "parsed"
        assert stored == artifact.counts
        assert artifact.lines["read"] + artifact.lines["skipped"] == artifact.lines["total"]
