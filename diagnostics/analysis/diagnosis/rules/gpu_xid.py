"""``gpu-xid``: the GPU's driver reported a fault. NVIDIA numbers them (“Xid”), AMD words them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import during, proofs, uncertain_phase
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.stretches import running_at
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import Category, LaunchStatus

XID = re.compile(r"Xid\b.*?\): (\d+)")
FAULT = re.compile(
    r"GPU reset|ring \S+ timeout|fallen off|uncorrectable|GSP .*(?:timeout|error)|page fault", re.IGNORECASE
)
RESTART = "Drain the host, reset the GPU (nvidia-smi --gpu-reset) or reboot it; replace the card if it comes again."
APPLICATION = (
    "The program on the GPU did it, not the card: look at its own error first, then at driver and CUDA versions."
)
MOST = 3


class Meaning(NamedTuple):
    """``is_card`` tells faults of the card or its bus from those that a program causes."""

    text: str
    is_card: bool


# From NVIDIA's list of Xid errors; the ones that end or stall a start.
MEANINGS = {
    13: Meaning("a graphics engine exception, mostly by a program", False),
    31: Meaning("a memory page fault, mostly by a program", False),
    32: Meaning("a corrupted push buffer", True),
    38: Meaning("a driver firmware error", True),
    43: Meaning("the GPU stopped processing, mostly by a program", False),
    45: Meaning("work was cleaned up after an earlier fault or a kill", False),
    48: Meaning("a double bit memory error", True),
    61: Meaning("a firmware breakpoint", True),
    62: Meaning("a firmware halt", True),
    63: Meaning("a memory row was remapped", True),
    64: Meaning("a memory row could not be remapped", True),
    68: Meaning("a video processor exception", True),
    69: Meaning("a graphics engine class error", False),
    74: Meaning("an NVLink error", True),
    79: Meaning("the GPU has fallen off the bus", True),
    92: Meaning("many single bit memory errors", True),
    94: Meaning("a contained memory error", True),
    95: Meaning("an uncontained memory error", True),
    119: Meaning("the GPU's system processor did not answer", True),
    120: Meaning("the GPU's system processor reported an error", True),
    140: Meaning("an unrecovered memory error", True),
    145: Meaning("an NVLink receiver error", True),
}
UNKNOWN = Meaning("a fault of the GPU", True)
# Reported for what happened before: alone they do not stop anything.
MILD = {45, 63, 92, 94}


def gpu_xid(case: Case) -> Iterator[Finding]:
    """A finding for each kind of fault, the card's own first."""
    by_kind: dict[int | None, list[SeenEvent]] = {}
    for seen in during(case, Category.GPU):
        number = xid(seen)
        if number is not None or FAULT.search(seen.event.text):
            by_kind.setdefault(number, []).append(seen)
    ordered = sorted(by_kind.items(), key=lambda item: (item[0] in MILD, not _meaning(item[0]).is_card))
    for number, events in ordered[:MOST]:
        yield _finding(case, number, events)


def xid(seen: SeenEvent) -> int | None:
    told = seen.event.fields.get("xid")
    found = XID.search(seen.event.text)
    return int(told) if told is not None else int(found[1]) if found else None


def _meaning(number: int | None) -> Meaning:
    return UNKNOWN if number is None else MEANINGS.get(number, UNKNOWN)


def _finding(case: Case, number: int | None, events: Sequence[SeenEvent]) -> Finding:
    meaning, first = _meaning(number), events[0].event
    # ``during`` keeps only what lies in the launch.
    stretch = running_at(case, first.time)
    assert stretch is not None
    failed = case.launch.status is LaunchStatus.FAILED
    is_grave = failed and number not in MILD
    name = "GPU fault" if number is None else f"Xid {number}"
    cards = sorted({str(seen.event.fields["pci"]) for seen in events if seen.event.fields.get("pci")})
    return Finding(
        reason="gpu-xid",
        layer=Layer.ACCELERATOR if meaning.is_card else Layer.APPLICATION,
        severity=Severity.CRITICAL if is_grave else Severity.NOTICE if number in MILD else Severity.WARNING,
        text=(
            f"{name} ({meaning.text}){' on ' + ', '.join(cards[:4]) if cards else ''}, {count(len(events), 'time')}, "
            f"first {seconds(max(0, first.time - stretch.window.start))} into {stretch.name}."
        ),
        phase=stretch.path,
        expected=0.0,
        actual=float(len(events)),
        unit="count",
        confidence=(0.9 if meaning.is_card else 0.7) if is_grave else 0.4,
        cost=max(0, case.launch.total) if is_grave else 0,
        evidence_for=proofs(events),
        evidence_against=[
            *([] if failed else [Proof("The launch became ready all the same")]),
            *uncertain_phase(events[0], stretch),
        ],
        advice=RESTART if meaning.is_card else APPLICATION,
    )
