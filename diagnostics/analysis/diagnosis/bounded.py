"""Bounds how much one rule says: beyond a few findings of one reason nobody reads on."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding

Rule = Callable[[Case], Iterable[Finding]]


def at_most(number: int) -> Callable[[Rule], Callable[[Case], Iterator[Finding]]]:
    """Only the first findings of a rule, which yields the weightiest first."""

    def bound(rule: Rule) -> Callable[[Case], Iterator[Finding]]:
        @functools.wraps(rule)
        def bounded(case: Case) -> Iterator[Finding]:
            return itertools.islice(iter(rule(case)), number)

        return bounded

    return bound
