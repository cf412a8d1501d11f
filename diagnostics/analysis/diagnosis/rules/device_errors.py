"""``device-io-errors``: a disk, an NVMe controller or a file system reported errors while the launch ran."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import during, proofs, uncertain_phase
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import as_usual, excess
from diagnostics.analysis.diagnosis.readings import by_instance
from diagnostics.analysis.diagnosis.stretches import Stretch, running_at
from diagnostics.analysis.diagnosis.wording import count, percent, seconds
from diagnostics.records import Category, LaunchStatus, PhaseStatus

TROUBLE = re.compile(
    r"error|fail|corrupt|abort|time[d ]?-?out|not responding|read-only|shut ?down|reset|cannot|can't|lost|dead|offline",
    re.IGNORECASE,
)
CALM = ("info", "debug")
# Parts of a disk share its fate: sda1 is sda, nvme0n1p2 and nvme0n1 are nvme0.
PART = re.compile(r"(?:(nvme\d+)(?:n\d+)?(?:p\d+)?|([shv]d[a-z]+|xvd[a-z]+)\d+|(mmcblk\d+|loop\d+|md\d+)p\d+)")
MOST = 3
LOOKED_AT = 50


def device_io_errors(case: Case) -> Iterator[Finding]:
    """A finding a device, those with most errors first."""
    by_device: dict[str, list[SeenEvent]] = {}
    for seen in during(case, Category.IO_ERROR, Category.NVME, Category.FILESYSTEM):
        if is_trouble(seen):
            by_device.setdefault(disk_of(seen), []).append(seen)
    for device, events in sorted(by_device.items(), key=lambda item: -len(item[1]))[:MOST]:
        yield _finding(case, device, events)


def is_trouble(seen: SeenEvent) -> bool:
    """An error, not a disk that is found or a file system that is mounted."""
    event = seen.event
    if event.category is Category.IO_ERROR:
        return True
    told = event.fields.get("problem")
    if told is not None:
        return bool(told)
    return event.level not in CALM and TROUBLE.search(event.text) is not None


def disk_of(seen: SeenEvent) -> str:
    device = str(seen.event.fields.get("device") or "")
    part = PART.fullmatch(device)
    return next(name for name in part.groups() if name) if part else device


def _finding(case: Case, device: str, events: Sequence[SeenEvent]) -> Finding:
    stretch = _stretch(case, events)
    failed = case.launch.status is LaunchStatus.FAILED
    is_fatal = failed and stretch.placed is not None and stretch.placed.phase.status is PhaseStatus.FAILED
    name = device or "a device"
    lost = excess(case, stretch)
    return Finding(
        reason="device-io-errors",
        layer=Layer.STORAGE,
        severity=Severity.CRITICAL if is_fatal else Severity.WARNING,
        text=(
            f"{name} reported {count(len(events), 'error')} during {stretch.name}, the first "
            f"{seconds(max(0, events[0].event.time - stretch.window.start))} after it began."
        ),
        phase=stretch.path,
        expected=0.0,
        actual=float(len(events)),
        unit="count",
        confidence=_confidence(stretch, lost, is_fatal),
        cost=max(0, case.launch.total) if is_fatal else lost or 0,
        evidence_for=proofs(events),
        evidence_against=_against(case, stretch, device, events[0], failed),
        advice=_advice(name, events),
    )


def _stretch(case: Case, events: Sequence[SeenEvent]) -> Stretch:
    """The phase during which most of the errors came; the one with more to lose of two."""
    hits: dict[str | None, tuple[int, Stretch]] = {}
    # A dying disk has thousands, and each is looked up among all phases: some of them, from first to last, will do.
    for seen in events[:: max(1, len(events) // LOOKED_AT)]:
        # ``during`` keeps only what lies in the launch.
        stretch = running_at(case, seen.event.time)
        if stretch is not None:
            number, _ = hits.get(stretch.path, (0, stretch))
            hits[stretch.path] = number + 1, stretch
    return max(hits.values(), key=lambda hit: (hit[0], hit[1].cost))[1]


def _confidence(stretch: Stretch, lost: int | None, is_fatal: bool) -> float:
    """The errors are certain; that they slowed the phase is only likely, more so if it took longer than usual."""
    if is_fatal:
        return 0.85
    if stretch.path is None:
        return 0.4
    return 0.5 if lost is None else 0.75 if lost > 0 else 0.3


def _against(case: Case, stretch: Stretch, device: str, first: SeenEvent, failed: bool) -> list[Proof]:
    told = [*as_usual(case, stretch), *uncertain_phase(first, stretch)]
    for name, busy in by_instance(case, "disk.util_percent", stretch.window).items():
        if device and disk_name(name) == device and busy.mean < 50:
            told.append(busy.proof(f"{name} was busy only {percent(busy.mean)} of {stretch.name}"))
    if device.startswith("loop"):
        told.append(Proof(f"{device} is a file mounted as a disk: nothing tells that the launch read from it"))
    if not failed:
        told.append(Proof("The launch became ready all the same"))
    return told


def disk_name(instance: str) -> str:
    """A disk of samples as the kernel's messages name it."""
    part = PART.fullmatch(instance)
    return next(name for name in part.groups() if name) if part else instance


def _advice(name: str, events: Sequence[SeenEvent]) -> str:
    if any("read-only" in seen.event.text.lower() for seen in events):
        return (
            f"The file system of {name} is read-only now: check it (fsck) and the disk's health before starting again."
        )
    tool = "nvme smart-log" if name.startswith("nvme") else "smartctl -a"
    return f"Look at the health of {name} ({tool} /dev/{name}) and keep launches off this host until it is clear."
