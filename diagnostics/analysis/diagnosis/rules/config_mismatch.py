"""``config-mismatch``: a setting is not what it should be. ``timeout-too-short``: it is less than the phase takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.analysis.diagnosis import advice
from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.events import proof
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import NS_PER_SECOND, Kind, LaunchStatus, PhaseStatus, PlacedPhase

MASK = "***"
MOST = 20
# A phase that was cut off by a time-out ends this near to it.
NEAR = 0.15
TRUE, FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
TIMEOUT = re.compile(r"TIME_?OUT", re.IGNORECASE)
SECONDS = re.compile(r"\s*(\d{1,12}(?:\.\d{1,9})?)\s*(ms|s|m|min|h)?\s*", re.IGNORECASE)
VARIABLE = re.compile(r"[A-Za-z_]\w*")
UNITS = {"ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def config_mismatch(case: Case) -> Iterator[Finding]:
    secret = _differing_secrets(case)
    wrong = {
        name: told
        for name, told in case.config.items()
        if "expected" in told and (name in secret or not _is_same(told))
    }
    for name, told in list(wrong.items())[:MOST]:
        yield _finding(case, name, told)
    yield from _of_probes(case, set(wrong))
    yield from _too_short(case, set(wrong))


def _differing_secrets(case: Case) -> set[str]:
    """Settings whose values look alike only because they are hidden: who hid them compared them before."""
    told = {str(name) for file in case.of_kind(Kind.CONFIG) for name in file.facts.get("different") or ()}
    return {name for name in told if all(MASK in str(value) for value in case.config.get(name, {}).values())}


def _is_same(told: Mapping[str, Any]) -> bool:
    """Whether two values mean the same: 300 and “300”, true and “True”."""
    expected, actual = told["expected"], told.get("actual")
    if expected is None or actual is None:
        return expected is None and actual is None
    one, two = (str(value).strip() for value in (expected, actual))
    if one == two:
        return True
    if (one.lower() in TRUE and two.lower() in TRUE) or (one.lower() in FALSE and two.lower() in FALSE):
        # “1” and “true” differ where a number is meant.
        return not (one.isdecimal() and two.isdecimal())
    try:
        return float(one) == float(two)
    except ValueError:
        return False


def _finding(case: Case, name: str, told: Mapping[str, Any]) -> Finding:
    expected, actual = told["expected"], told.get("actual")
    ended = _ended_by(case, name, actual)
    is_now = "is not set" if actual is None else f"is “{actual}”"
    text = f"{name} {is_now}; {'it should not be set' if expected is None else f'expected “{expected}”'}."
    if _is_same(told):
        text = f"{name} is another than expected; both are hidden, for it is a secret."
    if ended:
        text += f" {ended.path} failed after {seconds(ended.phase.duration)}, when that time was over."
    is_plain = isinstance(expected, (str, int, float)) and MASK not in str(expected)
    return Finding(
        reason="config-mismatch",
        layer=Layer.CONFIG,
        severity=Severity.CRITICAL if ended else Severity.WARNING,
        text=text,
        phase=ended.path if ended else None,
        expected=_shown(expected),
        actual=_shown(actual),
        confidence=0.9 if ended else 0.6,
        cost=max(0, case.launch.total) if ended else 0,
        evidence_for=[Proof(f"{name}: expected {_shown(expected)}, actual {_shown(actual)}")],
        evidence_against=_against(case) if not ended else [],
        advice=f"Set {name} to what is expected, or correct the expectation.",
        patch=advice.settings(case, {name: str(expected)}) if is_plain and VARIABLE.fullmatch(name) else "",
    )


def _shown(value: Any) -> str:
    return "not set" if value is None else str(value)


def _against(case: Case) -> list[Proof]:
    if case.launch.status is LaunchStatus.FAILED:
        return [Proof("Nothing shows that the launch failed by it")]
    return [Proof("The launch became ready all the same")]


def _ended_by(case: Case, name: str, actual: Any) -> PlacedPhase | None:
    """The phase that failed just when this time-out was over."""
    allowed = in_seconds(actual)
    if allowed is None or not TIMEOUT.search(name):
        return None
    for told in case.launch.phases:
        took = told.phase.duration / NS_PER_SECOND
        if told.phase.status is PhaseStatus.FAILED and abs(took - allowed) <= NEAR * allowed:
            return told
    return None


def in_seconds(value: Any) -> float | None:
    """What a setting of a time-out says; a bare number is seconds, as nearly all engines read it."""
    match = SECONDS.fullmatch(str(value)) if value is not None else None
    return float(match[1]) * UNITS[(match[2] or "").lower()] if match and float(match[1]) > 0 else None


def _of_probes(case: Case, known: set[str]) -> Iterator[Finding]:
    """Differences that ``diagnose probe`` saw."""
    probes = {file.artifact for file in case.of_kind(Kind.PROBE)}
    for seen in case.events:
        fields = seen.event.fields
        if seen.artifact not in probes or seen.event.source != "config" or fields.get("state") != "failed":
            continue
        if seen.event.text.split(" ", 1)[0] not in known:
            yield Finding(
                reason="config-mismatch",
                layer=Layer.CONFIG,
                severity=Severity.WARNING,
                text=f"{seen.event.text.rstrip('.')}.",
                expected=_shown(fields.get("expected")),
                actual=_shown(fields.get("actual")),
                confidence=0.6,
                evidence_for=[proof(seen)],
                evidence_against=_against(case),
                advice=str(fields.get("advice") or "Set it to what is expected, or correct the expectation."),
            )


def _too_short(case: Case, known: set[str]) -> Iterator[Finding]:
    """The time-out for loading against how long loading takes, in this launch and the ones before."""
    loading = max(
        (told for told in case.launch.phases if advice.LOADING.search(told.phase.name)),
        key=lambda told: (told.phase.duration, -told.depth),
        default=None,
    )
    for name, told in case.config.items():
        allowed = in_seconds(told.get("actual"))
        if loading is None or allowed is None or name in known or not advice.LOAD_TIMEOUT.search(name):
            continue
        took = loading.phase.duration if loading.phase.status is PhaseStatus.SUCCESS else 0
        needed = advice.allowance(case.usual.get(loading.path), took)
        advised = advice.timeout(case, name, loading.path, took)
        if needed is None or advised is None or allowed * NS_PER_SECOND >= needed.p99:
            continue
        ended = _ended_by(case, name, told.get("actual"))
        yield Finding(
            reason="timeout-too-short",
            layer=Layer.CONFIG,
            severity=Severity.CRITICAL if ended else Severity.WARNING,
            text=(
                f"{name} allows {allowed:g} s; {loading.path} takes up to {seconds(needed.longest)} "
                f"({count(needed.launches, 'launch', 'launches')})."
            ),
            phase=loading.path,
            expected=float(needed.amount),
            actual=allowed * NS_PER_SECOND,
            unit="ns",
            confidence=0.9 if ended else 0.6,
            cost=max(0, case.launch.total) if ended else 0,
            evidence_for=[Proof(f"{name}: {told.get('actual')}"), Proof(needed.because)],
            evidence_against=[] if ended else _against(case),
            advice=advised.text,
            patch=advised.patch,
        )
