"""``disk-full`` and ``disk-nearly-full``: nothing could be written any more, or soon will."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case, SeenEvent, SeenSeries
from diagnostics.analysis.diagnosis.events import distinct, proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.stretches import running_at, whole
from diagnostics.analysis.diagnosis.wording import count, percent, seconds
from diagnostics.records import NS_PER_SECOND, Kind, LaunchStatus, PhaseStatus

REFUSED = re.compile(r"no space left on device|\bENOSPC\b|disk quota exceeded|\bEDQUOT\b|disk full", re.IGNORECASE)
SHARED_MEMORY = re.compile(r"/dev/shm|shared memory|shm_open|\bshm\b", re.IGNORECASE)  # noqa: S108
PATH = re.compile(r"['\"‘“](/[^'\"’”]+)['\"’”]|(?<![\w/])(/[\w.\-]+(?:/[\w.\-]+)+)")
# Images that are mounted read-only are full by nature.
READ_ONLY = re.compile(r"/snap/|/var/lib/snapd/|/media/|/mnt/cdrom|/cdrom|/dev/loop|/run/(?!user)|/sys/|/boot/efi")
READ_ONLY_TYPES = ("squashfs", "iso9660", "erofs", "cramfs", "udf")
METRICS = {
    "filesystem.used_percent": "space",
    "filesystem.inodes_used_percent": "inodes",
    "filesystem.iused_percent": "inodes",
}
NEARLY, FULL = 90.0, 99.5
# How long after a launch a listing still speaks of it; ``df`` has no time of its own but that of its upload.
AFTER = 3600 * NS_PER_SECOND
MOST = 3


@dataclass(frozen=True, slots=True)
class Fill:
    """The fullest reading of one file system near the launch, percent."""

    artifact: str
    place: str
    what: str  # space or inodes
    used: float
    time: int


def disk_full(case: Case) -> Iterator[Finding]:
    """A write was refused, or a file system had nothing left."""
    fills = {(fill.place, fill.what): fill for fill in _fills(case)}
    full = [fill for fill in fills.values() if fill.used >= FULL]
    refused = _refused(case)
    if refused:
        yield _refusal(case, refused, list(fills.values()))
        # The refusal's proofs name them too.
        return
    for fill in full[:MOST]:
        yield _filled(fill, Severity.WARNING, "disk-full", "is full", 0.7)


def disk_nearly_full(case: Case) -> Iterator[Finding]:
    """Worth knowing: the next launch, or a download in it, may not fit."""
    nearly = sorted((fill for fill in _fills(case) if NEARLY < fill.used < FULL), key=lambda fill: -fill.used)
    for fill in nearly[:MOST]:
        yield _filled(fill, Severity.NOTICE, "disk-nearly-full", f"is {percent(fill.used)} full", 0.9)


def _refused(case: Case) -> list[SeenEvent]:
    start, end = case.window.start - NS_PER_SECOND, case.window.end + NS_PER_SECOND
    return distinct(seen for seen in case.events if start <= seen.event.time <= end and REFUSED.search(seen.event.text))


def _refusal(case: Case, refused: list[SeenEvent], fills: list[Fill]) -> Finding:
    first = refused[0]
    stretch = running_at(case, first.event.time) or whole(case)
    failed = case.launch.status is LaunchStatus.FAILED
    path = _path(first.event.text)
    is_shared = any(SHARED_MEMORY.search(seen.event.text) for seen in refused)
    is_sure = stretch.placed is not None and stretch.placed.phase.status is PhaseStatus.FAILED
    close = [fill for fill in fills if fill.used > NEARLY]
    return Finding(
        reason="disk-full",
        layer=Layer.MEMORY if is_shared else Layer.STORAGE,
        severity=Severity.CRITICAL if failed else Severity.WARNING,
        text=(
            f"No space was left{' for ' + path if path else ''} "
            f"{seconds(max(0, first.event.time - stretch.window.start))} into {stretch.name}: "
            f"{count(len(refused), 'write')} refused."
        ),
        phase=stretch.path,
        expected=0.0,
        actual=float(len(refused)),
        unit="count",
        confidence=0.95 if failed and is_sure else 0.8 if failed else 0.6,
        cost=max(0, case.launch.total) if failed else 0,
        evidence_for=[*proofs(refused), *(_proof(fill) for fill in close[:MOST])],
        evidence_against=_against(case, fills, close),
        advice=_advice(is_shared, path, close),
    )


def _path(text: str) -> str:
    found = PATH.search(text)
    return next(one for one in found.groups() if one) if found else ""


def _against(case: Case, fills: list[Fill], close: list[Fill]) -> list[Proof]:
    told = [] if case.launch.status is LaunchStatus.FAILED else [Proof("The launch became ready all the same")]
    if fills and not close:
        fullest = max(fills, key=lambda fill: fill.used)
        told.append(
            _proof(fullest, f"The fullest file system listed, {fullest.place}, is {percent(fullest.used)} full")
        )
    return told


def _advice(is_shared: bool, path: str, close: list[Fill]) -> str:
    if is_shared:
        return (
            "Give the container more shared memory (docker --shm-size, or an emptyDir with medium: Memory at /dev/shm)."
        )
    if any(fill.what == "inodes" for fill in close):
        return "The file system has run out of inodes: remove many small files, or use one with more."
    where = path or (close[0].place if close else "the disk")
    return (
        f"Free space for {where}, or give it a larger volume; old model versions and image layers are the usual finds."
    )


def _filled(fill: Fill, severity: Severity, reason: str, how: str, confidence: float) -> Finding:
    inodes = " of inodes" if fill.what == "inodes" else ""
    return Finding(
        reason=reason,
        layer=Layer.STORAGE,
        severity=severity,
        text=f"{fill.place} {how}{inodes}.",
        expected=NEARLY,
        actual=round(fill.used, 1),
        unit="%",
        confidence=confidence,
        evidence_for=[_proof(fill)],
        evidence_against=[Proof("No write was refused during the launch")],
        advice=_advice(False, fill.place, [fill]),
    )


def _proof(fill: Fill, text: str = "") -> Proof:
    return Proof(text or f"{fill.place}: {percent(fill.used)} of its {fill.what} used", fill.artifact, time=fill.time)


def _fills(case: Case) -> Iterator[Fill]:
    kinds = _read_only(case)
    for metric, what in METRICS.items():
        for seen in case.metric(metric):
            place = seen.series.instance
            if READ_ONLY.match(place) or place in kinds:
                continue
            near = [(value, time) for time, value in _near(case, seen)]
            if near:
                used, time = max(near)
                yield Fill(seen.artifact, place or "a file system", what, used, time)


def _near(case: Case, seen: SeenSeries) -> Iterator[tuple[int, float]]:
    """Readings in the launch, the last before it and those within an hour after: levels change slowly."""
    for n, time in enumerate(seen.series.times):
        is_last_before = time < case.window.start <= (seen.series.times[n + 1 :] or [case.window.end])[0]
        if is_last_before or case.window.start <= time <= case.window.end + AFTER:
            yield time, seen.series.values[n]


def _read_only(case: Case) -> set[str]:
    """Mount points of images, as far as a listing tells types."""
    return {
        str(row.get("mount"))
        for file in case.of_kind(Kind.DF)
        for row in file.facts.get("filesystems") or ()
        if row.get("type") in READ_ONLY_TYPES
    }
