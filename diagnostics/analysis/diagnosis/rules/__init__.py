"""The rules, one small file each or one close family. A rule yields a finding for each thing it can prove."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding
from diagnostics.analysis.diagnosis.rules.not_resolvable import not_resolvable

Rule = Callable[[Case], Iterable[Finding]]

# Every rule is run for every launch; their order says nothing, ``diagnose`` sorts what they find.
RULES: tuple[Rule, ...] = (
    # Host resources.
    not_resolvable,
    # Everything around the host: Kubernetes, dependencies, configuration, the application itself.
)

__all__ = ["RULES", "Rule"]
