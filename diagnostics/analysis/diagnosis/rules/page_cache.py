"""``page-cache-miss``: a phase read from disk what earlier launches found in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.bounded import at_most
from diagnostics.analysis.diagnosis.case import Case, Usual
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import at_its_warmest
from diagnostics.analysis.diagnosis.reading_io import Io, bytes_to_load, files_in_memory, io_of
from diagnostics.analysis.diagnosis.resolution import sureness
from diagnostics.analysis.diagnosis.stretches import Stretch, weighty
from diagnostics.analysis.diagnosis.wording import percent, rate, seconds, size
from diagnostics.records import NS_PER_SECOND

# Of the bytes to load, what came from a disk; less was partly in memory.
READ = 0.8
LEAST = 100_000_000
# Earlier launches were that much faster than this one, and than the disk at its best.
FASTER = 1.3
MOST = 3


@dataclass(frozen=True, slots=True)
class Miss:
    stretch: Stretch
    told: Io
    earlier_launches: Usual
    middle: int  # median of what those took, ns
    read: float  # bytes that came from disk
    speed: float  # bytes/s of this launch
    earlier: float  # bytes/s of earlier ones
    cached: float | None  # share of the files in memory before the start


@at_most(MOST)
def page_cache_miss(case: Case) -> Iterator[Finding]:
    """Needs a history: without one nothing tells that it was ever better."""
    for stretch in weighty(case):
        miss = missed(case, stretch)
        if miss:
            yield _finding(case, miss)


def missed(case: Case, stretch: Stretch) -> Miss | None:
    """What was read from disk and had been in memory before, if that is what happened."""
    told, known = io_of(case, stretch), at_its_warmest(case, stretch)
    middle = known.quantile(0.5) if known else None
    read = _from_disk(told)
    if read is None or not known or not middle or stretch.window.duration < FASTER * middle:
        return None
    amount, cached = bytes_to_load(case, stretch) or read, _cached_share(case)
    if read < max(LEAST, READ * amount) or (cached is not None and cached >= READ):
        return None
    speed, earlier = amount * NS_PER_SECOND / stretch.window.duration, amount * NS_PER_SECOND / middle
    # A disk that gave as much at its best may have been as fast all the time before: then it is slower, not read more.
    if earlier < FASTER * told.peak_rate and cached is None:
        return None
    return Miss(stretch, told, known, middle, read, speed, earlier, cached)


def _from_disk(told: Io) -> float | None:
    """What the launch itself had from storage if that is known, else what all read."""
    return told.own.volume * 1024 if told.own and told.own.volume else told.from_disks


def _cached_share(case: Case) -> float | None:
    known = files_in_memory(case)
    return known[0] if known else None


def _finding(case: Case, miss: Miss) -> Finding:
    stretch, told = miss.stretch, miss.told
    number, lost = (
        len(miss.earlier_launches.durations),
        max(0, min(stretch.cost, stretch.window.duration - miss.middle)),
    )
    main = told.own or told.main_disk
    assert main is not None
    return Finding(
        reason="page-cache-miss",
        layer=Layer.STORAGE,
        severity=Severity.WARNING,
        text=(
            f"{stretch.name} read {size(miss.read)} from disk at {rate(miss.speed)}; earlier launches got it at "
            f"{rate(miss.earlier)}, from memory."
        ),
        phase=stretch.path,
        expected=float(miss.middle),
        actual=float(stretch.window.duration),
        unit="ns",
        confidence=sureness(0.85, main),
        cost=lost,
        evidence_for=[
            main.proof(f"{main.metric} of {main.instance}: {size(main.volume * 1024)} during {stretch.name}"),
            Proof(f"{number} earlier launches: median {seconds(miss.middle)}, now {seconds(stretch.window.duration)}"),
            *_told_before(miss),
        ],
        evidence_against=_against(miss),
        advice=(
            f"Read the files before the start (cat FILES > /dev/null) to save {seconds(lost)}; "
            f"keep {size(miss.read)} of memory free for them, or let nothing large be read between launches."
        ),
    )


def _told_before(miss: Miss) -> list[Proof]:
    if miss.cached is None:
        return [Proof(f"The disks gave at most {rate(miss.told.peak_rate)}: less than earlier launches read at")]
    return [Proof(f"{percent(100 * miss.cached)} of what the launch read was in memory before")]


def _against(miss: Miss) -> list[Proof]:
    if miss.told.own is None:
        return [Proof("The samples do not tell whether the launch itself read this, or another process")]
    return []
