"""``failed-mount``: a volume could not be attached or mounted, so that the container did not start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proof, proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.kubernetes import begin_of, count_of, message_of, pod_events, reason_of
from diagnostics.analysis.diagnosis.stretches import covered
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import Interval

REASONS = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")
WENT_ON = ("Pulling", "Pulled", "Created", "Started", "SuccessfulAttachVolume")
VOLUME = re.compile(r'for volume "([^"]+)"|unmounted volumes=\[([^\]]+)\]|volume "([^"]+)"')
CAUSES: Sequence[tuple[str, Layer, str, str]] = (
    (
        r'(?P<what>configmap|secret) "?(?P<name>[^"\s]+)"? not found',
        Layer.CONFIG,
        "the {what} “{name}” does not exist",
        "Create it in the pod's namespace, or correct its name.",
    ),
    (
        r"multi-attach|already (?:exclusively )?attached|in use",
        Layer.ORCHESTRATION,
        "the volume is still attached elsewhere",
        "Let the old pod end first (strategy: Recreate), or use a volume that several nodes may mount.",
    ),
    (
        r"hostpath type check|no such file or directory|does not exist|not a directory",
        Layer.CONFIG,
        "the path that it mounts does not exist on the node",
        "Create it on the node, or correct the path.",
    ),
    (
        r"permission denied|access denied",
        Layer.CONFIG,
        "the server or the node denies access",
        "Look at the export's rights and at the node's address.",
    ),
    (
        r"timed out|timeout|connection refused|no route|unreachable|deadline",
        Layer.STORAGE,
        "the storage does not answer in time",
        "Look whether the storage is up, and at the way from the node to it.",
    ),
)
UNTOLD = (Layer.STORAGE, "see the message", "Look at the volume and its driver (`kubectl describe pod`, `pvc`).")


def failed_mount(case: Case) -> Iterator[Finding]:
    """A finding for each volume."""
    events = pod_events(case)
    by_volume: dict[str, list[SeenEvent]] = {}
    for seen in events:
        if reason_of(seen) in REASONS:
            by_volume.setdefault(_volume(seen), []).append(seen)
    for volume, told in by_volume.items():
        last = max(seen.event.time for seen in told)
        after = [seen for seen in events if reason_of(seen) in WENT_ON and seen.event.time >= last]
        yield _finding(case, volume, told, after)


def _volume(seen: SeenEvent) -> str:
    match = VOLUME.search(seen.event.text)
    return next((group for group in match.groups() if group), "") if match else ""


def _finding(case: Case, volume: str, told: Sequence[SeenEvent], after: Sequence[SeenEvent]) -> Finding:
    first, last = min(map(begin_of, told)), max(seen.event.time for seen in told)
    end = min((seen.event.time for seen in after), default=max(last, case.window.end))
    telling, (layer, because, advice) = _cause(told)
    tries = sum(map(count_of, told))
    return Finding(
        reason="failed-mount",
        layer=layer,
        severity=Severity.WARNING if after else Severity.CRITICAL,
        text=(
            f"Volume {volume or 'of the pod'} could not be mounted for {seconds(max(0, end - first))} "
            f"({count(tries, 'failure')}): {because}."
        ),
        phase=next((placed.path for placed in case.launch.phases if placed.phase.name == "volume-mount"), None),
        expected="mounted",
        actual=telling[:300],
        confidence=0.9,
        cost=covered(case.window, [Interval(first, end)]) if after else max(0, case.launch.total),
        evidence_for=proofs(told),
        evidence_against=[Proof("The container started in the end"), proof(after[0])] if after else [],
        advice=advice,
    )


def _cause(told: Sequence[SeenEvent]) -> tuple[str, tuple[Layer, str, str]]:
    """The message that says most, and what it says: the kubelet also sums up that it waited in vain."""
    messages = [message_of(seen) for seen in told]
    for pattern, layer, because, advice in CAUSES:
        for message in messages:
            if match := re.search(pattern, message, re.IGNORECASE):
                return message, (layer, because.format(**match.groupdict()), advice)
    return messages[-1], UNTOLD
