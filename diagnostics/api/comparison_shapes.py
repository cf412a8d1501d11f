"""Comparisons in the shape of the contract, which has grown since: readers ignore what they do not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ninja import Schema
from pydantic import Field

from diagnostics.analysis.what_changed import Change
from diagnostics.api.wire import DeltaOut, SideOut
from diagnostics.comparing import SideBySide
from diagnostics.comparison_words import factor_sentence, headline, rule
from diagnostics.launch_fields import changes
from diagnostics.models import Launch
from diagnostics.records import Delta, LaunchFactor


class FactorOut(Schema):
    """What all phases changed by together: the host's mood."""

    ratio: float
    low: float
    high: float
    p: float
    verdict: str
    sentence: str


class ChangeOut(Schema):
    """A field that the sides differ in, or that separates slow from fast launches."""

    field: str
    baseline: str | None = Field(description="Its usual value there; null if the sides do not differ in it")
    candidate: str | None
    purity: float | None = Field(description="The share of launches whose side its value tells, 0.5 to 1")
    removed: list[str] = Field(description="Words of the baseline's (or the fast) value that the other has not")
    added: list[str]
    separates: bool = Field(description="Does it separate slow from fast launches for sure (q below 0.05)?")
    together: list[str] = Field(description="Fields that split the launches in the very same way")
    fast: str | None
    slow: str | None
    fast_ns: int | None
    slow_ns: int | None
    explained: float | None = Field(description="The share of the scatter of the totals that it explains, 0 to 1")
    q: float | None


class ComparisonOut(Schema):
    baseline: SideOut
    candidate: SideOut
    total: DeltaOut
    phases: list[DeltaOut]
    unaccounted: DeltaOut
    headline: str
    factor: FactorOut | None = Field(description="null with fewer than 20 phases or 2 launches a side")
    notes: list[str]
    rule: str = Field(description="What a flag needs here, thresholds of the service included")
    what_changed: list[ChangeOut] = Field(description="What separates slow from fast launches first, at most 100")


def comparison_out(sides: SideBySide) -> dict[str, Any]:
    found = sides.comparison
    told = zip(
        (sides.baseline, sides.candidate), found.runs, (found.total.baseline, found.total.candidate), strict=True
    )
    before, after = (
        _side_out(launches, runs, total, failed)
        for (launches, runs, total), failed in zip(told, sides.censored, strict=True)
    )
    return {
        "baseline": before,
        "candidate": after,
        "total": delta_out(found.total),
        "phases": [delta_out(delta) for delta in found.phases],
        "unaccounted": delta_out(found.unaccounted),
        "headline": headline(found, (len(sides.baseline), len(sides.candidate)), sides.censored),
        "factor": _factor_out(found.factor) if found.factor else None,
        "notes": list(found.notes),
        "rule": rule(sides.least),
        "what_changed": [_change_out(change) for change in changes(sides.baseline, sides.candidate)],
    }


def _side_out(launches: Sequence[Launch], runs: int, total: int | None, failed: int) -> dict[str, Any]:
    return {"launches": [str(launch.pk) for launch in launches], "runs": runs, "total_ns": total, "failed": failed}


def delta_out(delta: Delta) -> dict[str, Any]:
    return {
        "phase": delta.phase,
        "baseline_ns": delta.baseline,
        "candidate_ns": delta.candidate,
        "delta_ns": delta.delta,
        "ratio": delta.ratio,
        "low": delta.low,
        "high": delta.high,
        "q": delta.q,
        "verdict": str(delta.verdict),
        "contribution_ns": delta.contribution,
        "contribution_low": delta.contribution_low,
        "contribution_high": delta.contribution_high,
        "least_effect": delta.least_effect,
        "bimodal": delta.bimodal,
        "note": delta.note,
    }


def _factor_out(factor: LaunchFactor) -> dict[str, Any]:
    return {
        "ratio": factor.ratio,
        "low": factor.low,
        "high": factor.high,
        "p": factor.p,
        "verdict": str(factor.verdict),
        "sentence": factor_sentence(factor),
    }


def _change_out(change: Change) -> dict[str, Any]:
    differs, split = change.difference, change.separation
    words = differs or split
    return {
        "field": change.field,
        "baseline": differs.baseline if differs else None,
        "candidate": differs.candidate if differs else None,
        "purity": differs.purity if differs else None,
        "removed": list(words.removed) if words else [],
        "added": list(words.added) if words else [],
        "separates": change.separates,
        "together": list(split.together) if split else [],
        "fast": split.fast if split else None,
        "slow": split.slow if split else None,
        "fast_ns": split.fast_median if split else None,
        "slow_ns": split.slow_median if split else None,
        "explained": split.explained if split else None,
        "q": split.q if split else None,
    }
