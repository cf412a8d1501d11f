"""``memory-pressure`` and ``swapping``: the host was short of memory, so that tasks waited for pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.bounded import at_most
from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import as_usual, excess
from diagnostics.analysis.diagnosis.limits import memory_total
from diagnostics.analysis.diagnosis.readings import Readings, of_host
from diagnostics.analysis.diagnosis.resolution import sureness
from diagnostics.analysis.diagnosis.stretches import Stretch, weighty
from diagnostics.analysis.diagnosis.wording import memory, percent, rate

# Share of the time that some task stood still for want of memory; a healthy host is at 0.
PRESSURE = 10.0
# Memory still to be had, of all: below it the kernel drops pages that are in use.
AVAILABLE = 5.0
# Pages a second, in and out together: 4 MB/s.
SWAPPED = 1000.0
# Page faults that went to a disk; a program that maps its weights has many without any shortage.
FAULTS = 100.0
PAGE = 4096
MOST = 3


@dataclass(frozen=True, slots=True)
class Shortage:
    """What the samples say of memory in one stretch; ``None`` is what they do not tell."""

    pressure: Readings | None
    available: Readings | None
    faults: Readings | None
    swap_in: Readings | None
    swap_out: Readings | None
    total: float | None  # bytes of memory in the host

    @property
    def swapped(self) -> float:
        """Pages a second."""
        return sum(told.mean for told in (self.swap_in, self.swap_out) if told)

    @property
    def lowest_percent(self) -> float | None:
        # Some kernels tell more to be had than there is; that is no number to judge by.
        if self.available is None or not self.total or self.available.peak * 1024 > self.total:
            return None
        return 100 * self.available.lowest * 1024 / self.total


@at_most(MOST)
def memory_pressure(case: Case) -> Iterator[Finding]:
    """Tasks stood still for want of memory, or next to none was left while pages came from disk again."""
    for stretch, told in _stretches(case):
        pressed = told.pressure is not None and told.pressure.mean >= PRESSURE
        low = told.lowest_percent is not None and told.lowest_percent < AVAILABLE
        faulting = told.faults is not None and told.faults.mean >= FAULTS
        # Swapping says the same with better proof.
        if told.swapped < SWAPPED and (pressed or (low and faulting)):
            yield _pressure(case, stretch, told)


@at_most(MOST)
def swapping(case: Case) -> Iterator[Finding]:
    """Pages went to swap or came back from it while the phase ran."""
    for stretch, told in _stretches(case):
        if told.swapped >= SWAPPED:
            yield _swapping(case, stretch, told)


def _stretches(case: Case) -> Iterator[tuple[Stretch, Shortage]]:
    for stretch in weighty(case):
        window = stretch.window
        yield (
            stretch,
            Shortage(
                of_host(case, "pressure.memory_some", window),
                of_host(case, "memory.available_kb", window),
                of_host(case, "paging.major_faults", window),
                of_host(case, "swapping.in", window),
                of_host(case, "swapping.out", window),
                memory_total(case, window),
            ),
        )


def _pressure(case: Case, stretch: Stretch, told: Shortage) -> Finding:
    main = told.pressure or told.available
    assert main is not None
    stalled = told.pressure.mean if told.pressure else None
    text = (
        f"Tasks stood still for want of memory {percent(stalled)} of {stretch.name}."
        if stalled is not None and stalled >= PRESSURE
        else f"Only {percent(told.lowest_percent or 0)} of the host's memory was left during {stretch.name}, "
        f"and pages had to be read from disk again."
    )
    return Finding(
        reason="memory-pressure",
        layer=Layer.MEMORY,
        severity=Severity.WARNING,
        text=text,
        phase=stretch.path,
        expected=0.0 if stalled is not None else AVAILABLE,
        actual=round(stalled if stalled is not None else told.lowest_percent or 0.0, 1),
        unit="%",
        confidence=sureness(0.9 if stalled is not None and stalled >= PRESSURE else 0.6, main),
        cost=_cost(case, stretch, told),
        evidence_for=_for(stretch, told),
        evidence_against=_against(case, stretch, told),
        advice=_advice(told),
    )


def _swapping(case: Case, stretch: Stretch, told: Shortage) -> Finding:
    main = max((one for one in (told.swap_in, told.swap_out) if one), key=lambda one: one.mean)
    return Finding(
        reason="swapping",
        layer=Layer.MEMORY,
        severity=Severity.WARNING,
        text=(
            f"The host swapped {rate(told.swapped * PAGE)} during {stretch.name}: "
            f"{rate((told.swap_in.mean if told.swap_in else 0) * PAGE)} in, "
            f"{rate((told.swap_out.mean if told.swap_out else 0) * PAGE)} out."
        ),
        phase=stretch.path,
        expected=0.0,
        actual=round(told.swapped, 1),
        unit="1/s",
        confidence=sureness(0.85, main),
        cost=_cost(case, stretch, told),
        evidence_for=_for(stretch, told),
        evidence_against=_against(case, stretch, told),
        advice=_advice(told),
    )


def _cost(case: Case, stretch: Stretch, told: Shortage) -> int:
    """The time stood still where the kernel measured it, else what the phase took longer than usual."""
    if told.pressure is not None:
        return stretch.part(told.pressure.mean / 100)
    return excess(case, stretch) or 0


def _for(stretch: Stretch, told: Shortage) -> list[Proof]:
    proofs = []
    if told.pressure and told.pressure.mean >= 1:
        text = f"tasks waited for memory {percent(told.pressure.mean)} of {stretch.name}"
        proofs.append(told.pressure.proof(f"pressure.memory_some: {text}, at most {percent(told.pressure.peak)}"))
    for one, way in ((told.swap_in, "in"), (told.swap_out, "out")):
        if one and one.mean > 0:
            proofs.append(one.proof(f"swapping.{way}: {one.mean:,.0f} pages/s on average, {one.peak:,.0f} at most"))
    if told.faults and told.faults.mean >= FAULTS:
        proofs.append(told.faults.proof(f"paging.major_faults: {told.faults.mean:,.0f}/s on average"))
    if told.available and told.lowest_percent is not None and told.lowest_percent < 2 * AVAILABLE:
        left = memory(told.available.lowest * 1024)
        proofs.append(told.available.proof(f"memory.available_kb: {left} left at the least"))
    return proofs


def _against(case: Case, stretch: Stretch, told: Shortage) -> list[Proof]:
    proofs = as_usual(case, stretch)
    if told.available and told.lowest_percent is not None and told.lowest_percent >= 2 * AVAILABLE:
        share = percent(told.lowest_percent)
        proofs.append(told.available.proof(f"never less than {share} of the host's memory was available"))
    if told.pressure and told.pressure.mean < 1:
        proofs.append(told.pressure.proof(f"tasks waited for memory only {percent(told.pressure.mean)} of the time"))
    return proofs


def _advice(told: Shortage) -> str:
    if told.available is None or told.total is None or told.lowest_percent is None:
        return "Start it on a host with more free memory, or load less at once."
    missing = max(0.0, 2 * AVAILABLE / 100 * told.total - told.available.lowest * 1024)
    more = f" at least {memory(missing)} more" if missing > 0 else " more"
    return f"Leave{more} free memory for the start: a larger host, fewer neighbours, or a smaller load at once."
