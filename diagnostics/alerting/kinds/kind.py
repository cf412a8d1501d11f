"""What a kind of rule is: its words, what it asks for, and how it looks at a launch or at a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.utils.functional import Promise

from diagnostics.alerting.subject import Observation
from diagnostics.models import AlertRule, Launch, Service

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Setting:
    """One number that a kind asks for. Seconds are typed as "90 s", "2 m", "2 d"; the others as they are."""

    name: str
    label: Text
    default: float | int
    unit: Literal["seconds", "percent", "number", "count"]
    least: float
    most: float
    help: Text = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """``judge`` looks at a judged launch, ``look`` at a service every minute; a monitor's kind has neither: monitoring
    asks ``rules_for`` and tells ``fire`` and ``calm``. ``sentence`` says the condition with the rule's numbers."""

    key: str
    label: Text
    about: Text
    sentence: Callable[[AlertRule], tuple[str, Mapping[str, Any]]]
    settings: Sequence[Setting] = ()
    takes_phase: bool = False
    counts: bool = True  # whether "so many in a row" means anything here
    times: int = 1
    seconds: int = 0
    over_after: int = 1
    severity: str = AlertRule.Severity.WARNING
    judge: Callable[[AlertRule, Launch], Iterable[Observation]] | None = None
    look: Callable[[AlertRule, Service, datetime], Iterable[Observation]] | None = None
    # What it would have found in launches of the past, where judging them again does not tell.
    rehearse: Callable[[AlertRule, Sequence[Launch]], Iterable[tuple[Launch, Observation]]] | None = None

    @property
    def can_be_tried(self) -> bool:
        """Whether launches of the past tell what a rule of this kind would have done."""
        return self.judge is not None or self.rehearse is not None

    def setting(self, rule: AlertRule, name: str) -> Any:
        """The rule's own number, else the default: a rule made before a setting came goes on."""
        default = next(one.default for one in self.settings if one.name == name)
        return rule.settings.get(name, default)
