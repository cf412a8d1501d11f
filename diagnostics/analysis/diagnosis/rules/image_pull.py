"""``image-pull-dominates``: the image took a large part of the way to ready. ``image-pull-queued``: it waited for its
turn behind other images. ``image-pull-failed``: it could not be had."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.advice import pre_pull
from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proof, proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.kubernetes import begin_of, containers, count_of, message_of, pod_events, reason_of
from diagnostics.analysis.diagnosis.stretches import covered
from diagnostics.analysis.diagnosis.wording import percent, rate, seconds, size
from diagnostics.records import NS_PER_SECOND, Category, Interval

# Below both of these a pull is not what makes a launch slow.
LEAST = 2 * NS_PER_SECOND
LEAST_SHARE = 0.2
# What an unloaded registry and network of this decade give; below it the way is slow, above it the image is large.
USUAL_RATE = 100_000_000
FAILED = re.compile(
    r"failed to pull image|errimagepull|imagepullbackoff|back-off pulling|invalidimagename", re.IGNORECASE
)
CAUSES: Sequence[tuple[str, Layer, str, str]] = (
    (
        r"no such host|lookup \S+|name resolution",
        Layer.NETWORK,
        "the registry's name is not found",
        "Look at the image's name, and at the name server of the node.",
    ),
    (
        r"x509|certificate|tls:",
        Layer.NETWORK,
        "the registry's certificate is not accepted",
        "Give the node the registry's authority, or correct the registry's certificate.",
    ),
    (
        r"toomanyrequests|rate limit|429",
        Layer.DEPENDENCY,
        "the registry limits the rate of pulls",
        "Log in to the registry, or keep a mirror of it.",
    ),
    (
        r"unauthorized|denied|forbidden|authentication|\b40[13]\b|no basic auth",
        Layer.CONFIG,
        "the registry does not let the node in",
        "Give the pod an imagePullSecret that may read this image.",
    ),
    (
        r"not found|manifest unknown|does not exist|invalid reference|invalidimagename",
        Layer.CONFIG,
        "the registry has no such image",
        "Correct the image's name or tag, or push it first.",
    ),
    (
        r"timeout|timed out|deadline|connection refused|connection reset|eof|unreachable",
        Layer.NETWORK,
        "the registry does not answer",
        "Look at the way from the node to the registry: firewall, proxy, and whether the registry is up.",
    ),
)
UNTOLD = (Layer.UNKNOWN, "the events do not say why", "Look at `kubectl describe pod` for the whole message.")


@dataclass(frozen=True, slots=True)
class Pull:
    """One image; times in ns, ``amount`` in bytes or 0. ``is_exact``: the kubelet measured it."""

    seen: SeenEvent
    image: str
    own: int
    queued: int
    amount: int
    is_exact: bool

    @property
    def whole(self) -> Interval:
        end = self.seen.event.time
        return Interval(end - self.own - self.queued, end)


def image_pull(case: Case) -> Iterator[Finding]:
    events = pod_events(case, Category.IMAGE_PULL, Category.BACKOFF)
    pulls = list(_pulls(events))
    yield from _failed(case, events, pulls)
    if not pulls:
        return
    intervals = [pull.whole for pull in pulls]
    until_ready = Interval(min(case.window.start, *(told.start for told in intervals)), case.window.end)
    took = covered(until_ready, intervals)
    if took < LEAST or took < LEAST_SHARE * until_ready.duration:
        return
    queued = covered(until_ready, [Interval(told.whole.start, told.whole.start + told.queued) for told in pulls])
    if took - queued >= LEAST:
        yield _dominating(case, pulls, took - queued, until_ready)
    if queued >= LEAST and queued >= LEAST_SHARE * took:
        yield _queueing(case, pulls, queued)


def _pulls(events: Sequence[SeenEvent]) -> Iterator[Pull]:
    for seen in events:
        fields = seen.event.fields
        if reason_of(seen) != "Pulled" or fields.get("warm"):
            continue
        image, amount = str(fields.get("image") or ""), int(fields.get("size_bytes") or 0)
        if isinstance(fields.get("pull_ns"), int):
            yield Pull(seen, image, fields["pull_ns"], int(fields.get("wait_ns") or 0), amount, True)
        elif begun := [
            other.event.time
            for other in events
            if reason_of(other) == "Pulling"
            and other.event.fields.get("image") == image
            and other.event.time <= seen.event.time
        ]:
            # Kubelets before 1.20 do not say how long it took.
            yield Pull(seen, image, seen.event.time - max(begun), 0, amount, False)


def _dominating(case: Case, pulls: Sequence[Pull], took: int, until_ready: Interval) -> Finding:
    longest = max(pulls, key=lambda pull: pull.own)
    speed = longest.amount * NS_PER_SECOND / longest.own if longest.amount and longest.own else 0.0
    is_slow = 0 < speed < USUAL_RATE
    amount = f" {size(longest.amount)} at {rate(speed)}." if speed else " Its size is not told."
    advised = pre_pull(case, longest.image, longest.own, longest.amount)
    return Finding(
        reason="image-pull-dominates",
        layer=Layer.NETWORK if is_slow else Layer.ORCHESTRATION,
        severity=Severity.WARNING,
        text=(
            f"Pulling {longest.image or 'the image'} took {seconds(took)}, "
            f"{percent(100 * took / until_ready.duration)} of the way to ready.{amount}"
        ),
        phase=_phase_of(case, longest.image),
        expected=0.0,
        actual=float(took),
        unit="ns",
        confidence=0.95 if all(pull.is_exact for pull in pulls) else 0.7,
        cost=took,
        evidence_for=proofs([pull.seen for pull in pulls]),
        evidence_against=_outside(case, pulls),
        advice=advised.text,
        patch=advised.patch,
    )


def _queueing(case: Case, pulls: Sequence[Pull], queued: int) -> Finding:
    longest = max(pulls, key=lambda pull: pull.queued)
    return Finding(
        reason="image-pull-queued",
        layer=Layer.ORCHESTRATION,
        severity=Severity.WARNING,
        text=f"{longest.image or 'The image'} waited {seconds(queued)} for its turn: other images were pulled first.",
        phase=_phase_of(case, longest.image),
        expected=0.0,
        actual=float(queued),
        unit="ns",
        confidence=0.9,
        cost=queued,
        evidence_for=proofs([pull.seen for pull in pulls if pull.queued]),
        advice="Let the kubelet pull in parallel (serializeImagePulls: false, maxParallelImagePulls), or start fewer "
        "pods with other images on one node at a time.",
    )


def _outside(case: Case, pulls: Sequence[Pull]) -> list[Proof]:
    """What ended before the process began is not part of the recorded launch."""
    if any(pull.whole.end > case.window.start for pull in pulls):
        return []
    return [Proof("The pull was over before the recorded launch began: it adds to the launch's total")]


def _phase_of(case: Case, image: str) -> str | None:
    pulls = (told for told in case.launch.phases if told.phase.name.startswith("image-pull "))
    return next((told.path for told in pulls if told.phase.attributes.get("image") == image), None)


def _failed(case: Case, events: Sequence[SeenEvent], pulls: Sequence[Pull]) -> Iterator[Finding]:
    by_image: dict[str, list[SeenEvent]] = {}
    for seen in events:
        if FAILED.search(seen.event.text):
            by_image.setdefault(str(seen.event.fields.get("image") or ""), []).append(seen)
    # “Error: ErrImagePull” names no image: it belongs to the one that failed.
    nameless = by_image.pop("", []) if len(by_image) > 1 else []
    for image, told in by_image.items():
        yield _failure(case, image, [*told, *nameless], any(pull.image == image for pull in pulls))
    if not by_image:
        yield from _waiting(case)


def _waiting(case: Case) -> Iterator[Finding]:
    """By what a container waits for, where there are no events."""
    for artifact, facts in containers(case):
        reason, message = str(facts.get("reason") or ""), str(facts.get("message") or "")
        if facts.get("state") == "waiting" and FAILED.search(reason):
            layer, because, advice = _cause(f"{reason} {message}")
            yield Finding(
                reason="image-pull-failed",
                layer=layer,
                severity=Severity.CRITICAL,
                text=f"{facts.get('image') or 'The image'} could not be pulled: {because}.",
                expected="pulled",
                actual=(message or reason)[:300],
                confidence=0.9,
                cost=max(0, case.launch.total),
                evidence_for=[Proof(f"Container {facts.get('name')} waits: {reason}: {message}"[:300], artifact)],
                advice=advice,
            )


def _cause(message: str) -> tuple[Layer, str, str]:
    for pattern, layer, because, advice in CAUSES:
        if re.search(pattern, message, re.IGNORECASE):
            return layer, because, advice
    return UNTOLD


def _failure(case: Case, image: str, told: Sequence[SeenEvent], came: bool) -> Finding:
    why = next((seen for seen in told if "ailed to pull" in seen.event.text), told[0])
    message = message_of(why)
    first, last = min(map(begin_of, told)), max(seen.event.time for seen in told)
    layer, because, advice = _cause(message)
    tries = max(map(count_of, told))
    return Finding(
        reason="image-pull-failed",
        layer=layer,
        severity=Severity.WARNING if came else Severity.CRITICAL,
        text=f"{image or 'The image'} could not be pulled ({tries} {'try' if tries == 1 else 'tries'}): {because}.",
        phase=_phase_of(case, image),
        expected="pulled",
        actual=message[:300],
        confidence=0.95 if because != UNTOLD[1] else 0.8,
        cost=covered(case.window, [Interval(first, max(first, last))]),
        evidence_for=[proof(why), *proofs([seen for seen in told if seen is not why])],
        evidence_against=[Proof("It was pulled in the end")] if came else [],
        advice=advice,
    )
