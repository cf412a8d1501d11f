"""What a profile is made of: rules, facts and ready lines, all of them data.

Named groups in a rule's patterns: ``seconds``, ``ms``, ``clock`` (H:MM:SS) or ``duration`` (25.6s, 859ms, 1m2s) say how
long the phase took, so that it began that much before its last line; ``key`` tells instances of one phase apart and
joins its name; every other group becomes an attribute.
"""

from __future__ import annotations

from typing import List, NamedTuple, Tuple

NUMBER = r"\d+(?:\.\d+)?"


class Rule(NamedTuple):
    """How a phase shows itself. ``within`` names the phases that contain it, the innermost first."""

    phase: str
    end: str
    begin: str = ""
    failed: str = ""  # a line that ends it as failed
    within: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    expected: bool = False  # a launch that gets ready always shows it: its absence means that the wording changed
    detail: bool = False  # a sub-module, shown with --verbose


class Fact(NamedTuple):
    """A label told by a line: the group ``value``, or ``value``."""

    label: str
    pattern: str
    value: str = ""


class Ready(NamedTuple):
    """A line that says the service is ready, unless the phase ``unless`` is under way."""

    pattern: str
    unless: str = ""


class Profile(NamedTuple):
    name: str
    version: int
    signature: str
    rules: Tuple[Rule, ...]
    ready: Tuple[Ready, ...]
    failures: Tuple[str, ...] = ()
    hosts: bool = False  # runs other engines inside, whose profile joins this one
    facts: Tuple[Fact, ...] = ()

    def patterns(self) -> List[str]:
        """Every pattern by which a line may matter to this profile, the signature apart."""
        rules = [pattern for rule in self.rules for pattern in (rule.begin, rule.end, rule.failed)]
        others = [*(fact.pattern for fact in self.facts), *(ready.pattern for ready in self.ready), *self.failures]
        return [pattern for pattern in (*rules, *others) if pattern]
