"""``weights-download``: the launch fetched its weights over the network before it could load them."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.analysis.diagnosis.advice import kept_weights
from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.events import proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import as_usual
from diagnostics.analysis.diagnosis.log_lines import said
from diagnostics.analysis.diagnosis.reading_io import bytes_to_load
from diagnostics.analysis.diagnosis.stretches import Stretch, of_phase
from diagnostics.analysis.diagnosis.wording import percent, rate, seconds, size
from diagnostics.analysis.start_class import DOWNLOAD, DOWNLOADED_WEIGHTS
from diagnostics.records import NS_PER_SECOND

LEAST = 2 * NS_PER_SECOND
LEAST_SHARE = 0.1


def weights_download(case: Case) -> Iterator[Finding]:
    """The longest download, if it took a felt part of the launch."""
    downloads = [of_phase(told) for told in case.launch.phases if DOWNLOAD.search(told.phase.name)]
    longest = max(downloads, key=lambda stretch: stretch.window.duration, default=None)
    if longest and longest.window.duration >= max(LEAST, LEAST_SHARE * case.launch.total):
        yield _finding(case, longest)


def _finding(case: Case, download: Stretch) -> Finding:
    took, amount = download.window.duration, bytes_to_load(case, download)
    speed = f", {size(amount)} at {rate(amount * NS_PER_SECOND / took)}" if amount else ""
    share = percent(100 * took / max(1, case.launch.total))
    lines = [seen for seen, _ in said(case, DOWNLOADED_WEIGHTS)]
    told = Proof(f"{download.name} took {seconds(took)}", time=download.window.start)
    advised = kept_weights(case, download.cost)
    return Finding(
        reason="weights-download",
        layer=Layer.NETWORK,
        severity=Severity.WARNING,
        text=f"Downloading weights took {seconds(took)}, {share} of the launch{speed}.",
        phase=download.path,
        expected="present before the start",
        actual=f"downloaded in {seconds(took)}",
        confidence=0.9 if lines else 0.8,
        cost=download.cost,
        evidence_for=[told, *proofs(lines[:3])],
        evidence_against=as_usual(case, download),
        advice=advised.text,
        patch=advised.patch,
    )
