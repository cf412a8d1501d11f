"""What the launches before this one say: how long a phase usually takes, and by how much this one exceeds it."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.analysis.diagnosis.case import Case, Usual
from diagnostics.analysis.diagnosis.finding import Proof
from diagnostics.analysis.diagnosis.stretches import Stretch
from diagnostics.analysis.diagnosis.wording import seconds

# Fewer launches do not tell what is usual.
LEAST = 3
# A phase within this factor of its median is as usual.
AS_USUAL = 1.1


def usual(case: Case, stretch: Stretch) -> Usual | None:
    """The durations of the stretch's phase in earlier launches, if there are enough of them."""
    return _enough(case.usual, stretch)


def at_its_warmest(case: Case, stretch: Stretch) -> Usual | None:
    """The durations of the stretch's phase in launches that started warmer, else in those like this one."""
    return _enough(case.warmer, stretch) or usual(case, stretch)


def _enough(history: Mapping[str, Usual], stretch: Stretch) -> Usual | None:
    known = history.get(stretch.path) if stretch.path is not None else None
    return known if known and len(known.durations) >= LEAST else None


def median(case: Case, stretch: Stretch) -> int | None:
    known = usual(case, stretch)
    return known.quantile(0.5) if known else None


def excess(case: Case, stretch: Stretch) -> int | None:
    """By how much the phase took longer than its median, ns, at most what it costs; ``None`` without a history."""
    middle = median(case, stretch)
    return None if middle is None else max(0, min(stretch.cost, stretch.window.duration - middle))


def as_usual(case: Case, stretch: Stretch) -> list[Proof]:
    """Speaks against any cause: the phase took no longer than it always does, so nothing new slowed it."""
    known, middle = usual(case, stretch), median(case, stretch)
    if known is None or middle is None or stretch.window.duration > AS_USUAL * middle:
        return []
    return [
        Proof(
            f"{stretch.name} took {seconds(stretch.window.duration)}, as usual: the median of "
            f"{len(known.durations)} earlier launches is {seconds(middle)}"
        )
    ]
