"""How much samples can say of a stretch: what they are too coarse for is told as such, never guessed."""

from __future__ import annotations

from diagnostics.analysis.diagnosis.case import Case, EvidenceFile, SeenSeries
from diagnostics.analysis.diagnosis.readings import LEAST_COVERAGE, Readings, readings
from diagnostics.analysis.diagnosis.stretches import Stretch
from diagnostics.analysis.diagnosis.wording import seconds
from diagnostics.records import Kind

NOT_RESOLVABLE = "not-resolvable"

# Any of these shows that the host was sampled; a file of df is no sampler.
HOST_GROUPS = ("cpu.", "memory.", "disk.", "pressure.", "load.")
NAMES = {Kind.SAR: "sar", Kind.SADF: "sar", Kind.HOST_SAMPLES: "host samples"}


def sureness(base: float, *told: Readings) -> float:
    """``base`` lessened by how much of the stretch the readings miss and by how few they are.

    One reading that covers it all halves the trust, ten leave nine tenths of it: n / (n + 1).
    """
    for one in told:
        number = one.covered / one.interval if one.interval else 0.0
        base *= min(1.0, one.coverage) * number / (number + 1)
    return round(base, 2)


def unresolved(case: Case, stretch: Stretch) -> str | None:
    """Why the host's samples cannot speak of the stretch, in one sentence; ``None`` when they can or there are none."""
    sampled = [seen for seen in case.samples if seen.series.metric.startswith(HOST_GROUPS) and seen.interval > 0]
    if not sampled:
        return None
    finest = min(sampled, key=lambda seen: seen.interval)
    fine = [seen for seen in sampled if seen.interval <= stretch.window.duration]
    if not fine:
        return (
            f"Not resolvable: {sampler(case, finest)} interval {seconds(finest.interval)} > "
            f"{_named(stretch)} {seconds(stretch.window.duration)}."
        )
    if any(readings(seen, stretch.window).coverage >= LEAST_COVERAGE for seen in fine):
        return None
    return f"No sample of this host covers {_named(stretch)} ({seconds(stretch.window.duration)})."


def sampler(case: Case, seen: SeenSeries) -> str:
    """What took these samples, by the kind of file they stand in."""
    kind = next((file.kind for file in case.files if file.artifact == seen.artifact), None)
    return NAMES.get(kind, "sample") if kind else "sample"


def host_evidence(case: Case) -> list[EvidenceFile]:
    """Files that say something beyond what the launch's own snapshot does."""
    return [file for file in case.files if file.kind is not Kind.SNAPSHOT]


def _named(stretch: Stretch) -> str:
    return stretch.name if stretch.path is None else f"phase {stretch.name}"
