"""``read-throughput-bound`` and ``iowait-bound``: a phase took as long as storage made it take."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.analysis.diagnosis.bounded import at_most
from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import as_usual, median, usual
from diagnostics.analysis.diagnosis.reading_io import Io, bytes_to_load, io_of, is_remote
from diagnostics.analysis.diagnosis.readings import of_host
from diagnostics.analysis.diagnosis.resolution import sureness
from diagnostics.analysis.diagnosis.rules.page_cache import missed
from diagnostics.analysis.diagnosis.stretches import Stretch, weighty
from diagnostics.analysis.diagnosis.wording import percent, rate, seconds, size
from diagnostics.records import NS_PER_SECOND

# Percent of the time; a phase that waits less has other reasons too.
WAITED = 30.0
MOSTLY = 50.0
BUSY = 80.0
# Less than this is no load: bytes.
LEAST = 100_000_000
# Of the bytes to load, what must have come from a device to say that it bounded the phase.
LOADED = 0.5
# A phase that reads all its bytes, and does so for all its time, is bound by that whatever else is measured.
ALL = 0.8
MOST = 3


@at_most(MOST)
def read_throughput_bound(case: Case) -> Iterator[Finding]:
    """A device was read as fast as it gave, and the phase waited for that."""
    for stretch in weighty(case):
        told = io_of(case, stretch)
        source = _source(case, stretch, told)
        # That its bytes were in memory before says the same with better proof.
        if source and not missed(case, stretch):
            yield _throughput(case, stretch, told, *source)


@at_most(MOST)
def iowait_bound(case: Case) -> Iterator[Finding]:
    """Tasks waited for I/O, but not for the throughput of reading: for its latency, for writes, for others' I/O."""
    for stretch in weighty(case):
        told = io_of(case, stretch)
        if told.stalled is not None and told.stalled >= WAITED and not _source(case, stretch, told):
            yield _waited(case, stretch, told)


def _source(case: Case, stretch: Stretch, told: Io) -> tuple[str, float] | None:
    """What the phase's bytes came from, and how many, if it waited for them."""
    wanted, disks, stalled = bytes_to_load(case, stretch), told.from_disks or 0.0, told.stalled or 0.0
    busy = told.busiest.mean if told.busiest else 0.0
    least = max(LEAST, LOADED * (wanted or 0))
    is_all = wanted is not None and disks >= ALL * wanted and told.steady >= ALL
    if disks >= least and (busy >= BUSY or stalled >= MOSTLY or is_all):
        return (told.main_disk.instance or "the disk") if told.main_disk else "the disk", disks
    # Network traffic may be anything: it is the files' only where they are known to lie there.
    if is_remote(case) and disks < least <= told.from_network and stalled >= WAITED:
        return "network storage", told.from_network
    return None


def _throughput(case: Case, stretch: Stretch, told: Io, device: str, volume: float) -> Finding:
    speed = volume * NS_PER_SECOND / stretch.window.duration
    wanted, middle = bytes_to_load(case, stretch), median(case, stretch)
    expected = wanted * NS_PER_SECOND / middle if wanted and middle else None
    measured = told.main_disk if told.main_disk and device != "network storage" else told.gauge
    waited_share = max(told.stalled or 0.0, told.busiest.mean if told.busiest else 0.0) / 100
    share = max(waited_share, told.steady) if wanted else waited_share
    waited = f", and waited for I/O {percent(told.stalled)} of the time" if told.stalled is not None else ""
    return Finding(
        reason="read-throughput-bound",
        layer=Layer.STORAGE,
        severity=Severity.WARNING,
        text=f"{stretch.name} read {size(volume)} from {device} at {rate(speed)}{waited}.",
        phase=stretch.path,
        expected=round(expected) if expected else None,
        actual=round(speed),
        unit="bytes/s",
        confidence=sureness(_trust(told, wanted), *([measured] if measured else [])),
        cost=stretch.part(share),
        evidence_for=[*_volume_proofs(stretch, told, volume), *_wait_proofs(told)],
        evidence_against=_against(case, stretch, told),
        advice=_throughput_advice(case, stretch, volume, speed, expected),
    )


def _trust(told: Io, wanted: int | None) -> float:
    """Waiting is measured; without it only the steady stream of bytes speaks for the disk."""
    if (told.stalled or 0.0) < WAITED and (told.busiest is None or told.busiest.mean < BUSY):
        return 0.65
    return 0.9 if told.own or wanted else 0.75


def _volume_proofs(stretch: Stretch, told: Io, volume: float) -> list[Proof]:
    proofs = []
    if told.main_disk:
        average, best = rate(told.main_disk.mean * 1024), rate(told.main_disk.peak * 1024)
        proofs.append(
            told.main_disk.proof(f"disk.read_kb of {told.main_disk.instance}: {average} on average, {best} at best")
        )
    if told.own:
        proofs.append(
            told.own.proof(f"process.read_kb: the launch itself read {size(told.own.volume * 1024)} from storage")
        )
    if told.from_network >= volume > (told.from_disks or 0.0):
        proofs.append(Proof(f"{size(told.from_network)} came in over the network during {stretch.name}"))
    return proofs


def _wait_proofs(told: Io) -> list[Proof]:
    proofs = []
    if told.some:
        proofs.append(
            told.some.proof(f"pressure.io_some: some task waited for I/O {percent(told.some.mean)} of the time")
        )
    if told.iowait:
        cpus = f" of {told.cpus} CPUs" if told.cpus else ""
        proofs.append(told.iowait.proof(f"cpu.iowait: {percent(told.iowait.mean)}{cpus} on average"))
    if told.busiest and told.busiest.mean >= MOSTLY:
        busy = told.busiest
        proofs.append(busy.proof(f"disk.util_percent of {busy.instance}: busy {percent(busy.mean)} of the time"))
    return proofs


def _against(case: Case, stretch: Stretch, told: Io) -> list[Proof]:
    proofs = as_usual(case, stretch)
    if told.iowait and told.iowait.mean * (told.cpus or 1) < 10:
        proofs.append(told.iowait.proof(f"cpu.iowait was only {percent(told.iowait.mean)} on average"))
    if told.busiest and told.busiest.mean < MOSTLY:
        busy = told.busiest
        proofs.append(busy.proof(f"no disk was busy more than {percent(busy.mean)} of the time ({busy.instance})"))
    own = of_host(case, "process.cpu_percent", stretch.window)
    if own and own.mean >= 80:
        proofs.append(own.proof(f"the launch computed meanwhile: {own.mean / 100:.1f} CPUs on average"))
    if told.own and told.from_disks and told.own.volume * 1024 < LOADED * told.from_disks:
        proofs.append(told.own.proof(f"the launch itself read only {size(told.own.volume * 1024)} of that"))
    return proofs


def _throughput_advice(case: Case, stretch: Stretch, volume: float, speed: float, expected: float | None) -> str:
    known, middle = usual(case, stretch), median(case, stretch)
    local = "local NVMe" if is_remote(case) else "a faster disk"
    text = (
        f"Reading {size(volume)} takes {seconds(stretch.window.duration)} at this speed and half of that at "
        f"{rate(2 * speed)}: keep the files on {local}, read them into memory before the start, or read in parallel."
    )
    if known and middle and expected and expected > 1.2 * speed:
        text += f" {len(known.durations)} earlier launches took {seconds(middle)} ({rate(expected)})."
    return text


def _waited(case: Case, stretch: Stretch, told: Io) -> Finding:
    waited, gauge = told.stalled or 0.0, told.gauge
    assert gauge is not None
    writes = of_host(case, "process.write_kb", stretch.window)
    wrote = (
        f" The launch wrote {size(writes.volume * 1024)} meanwhile." if writes and writes.volume >= LEAST / 1024 else ""
    )
    return Finding(
        reason="iowait-bound",
        layer=Layer.STORAGE,
        severity=Severity.WARNING,
        text=f"Tasks waited for I/O {percent(waited)} of {stretch.name}.{wrote}",
        phase=stretch.path,
        expected=WAITED,
        actual=round(waited, 1),
        unit="%",
        # Pressure is measured, iowait guessed from idle CPUs; and who waited is not told.
        confidence=sureness(0.8 if told.some else 0.6, gauge),
        cost=stretch.part(waited / 100),
        evidence_for=_wait_proofs(told),
        evidence_against=_against(case, stretch, told),
        advice=_waited_advice(told),
    )


def _waited_advice(told: Io) -> str:
    if told.busiest and told.busiest.mean >= BUSY:
        name = told.busiest.instance
        busy = f"{name} was busy {percent(told.busiest.mean)} of the time"
        return f"{busy}: move other work off it, or the launch's files to another disk."
    return (
        "The disks were not busy, so requests were few and slow: many small files, a network file system, or writes "
        "that are flushed one by one. Look at disk.await_ms, and read in parallel."
    )
