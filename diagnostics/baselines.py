"""What a service's launches are held against: set by people, and begun anew when slower is the new normal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from diagnostics.analysis.thresholds import Threshold
from diagnostics.models import BaselinePolicy, Launch, Regression, Service
from diagnostics.triage import Actor, Decision, decide

MOST_THRESHOLDS = 100
NEW_NORMAL = "this is the new normal"
JUDGED_AGAIN = 50  # launches since the new normal began that are judged once more, the newest of them


class PolicyError(Exception):
    """The policy cannot be so; ``where`` names the field."""

    code = "invalid_parameter"

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.message = message
        self.where = where


@dataclass(frozen=True, slots=True)
class Wanted:
    """A policy as somebody asks for it; see ``BaselinePolicy``."""

    choose: str = "last_good"
    launches: int | None = None
    version: str = ""
    label: str = ""
    host_class: str = ""
    thresholds: tuple[Threshold, ...] = ()


@transaction.atomic
def set_policy(service: Service, wanted: Wanted, by: Actor) -> BaselinePolicy:
    """Replace the service's policy; what the new normal is stays as it was. Raises ``PolicyError``."""
    _check(wanted)
    fields: Mapping[str, Any] = asdict(wanted) | {"thresholds": [asdict(one) for one in wanted.thresholds]}
    policy, _ = BaselinePolicy.objects.update_or_create(
        service=service, defaults={**fields, "updated_by": by.name, "updated_at": Now()}
    )
    policy.refresh_from_db()
    return policy


@transaction.atomic
def begin_anew(launch: Launch, by: Actor) -> BaselinePolicy:
    """This launch is the new normal: baselines are the last good launches from it on, and what was slower before is
    dismissed for that reason. A pinned version or a label no longer counts: they chose launches of before."""
    policy, _ = BaselinePolicy.objects.update_or_create(
        service_id=launch.service_id,
        defaults={
            "choose": BaselinePolicy.Choose.LAST_GOOD,
            "begins_at": launch.start_time,
            "begins_with": launch,
            "updated_by": by.name,
            "updated_at": Now(),
        },
    )
    for regression in Regression.objects.live().filter(service=launch.service_id).order_by("pk"):
        decide(regression.pk, Decision(state=Regression.State.DISMISSED, reason=NEW_NORMAL), by)
    return policy


@transaction.atomic
def look_back(service: Service, by: Actor) -> None:
    """Take the new normal back: launches of before count again."""
    BaselinePolicy.objects.filter(service=service).update(
        begins_at=None, begins_with=None, updated_by=by.name, updated_at=Now()
    )


def judged_otherwise(policy: BaselinePolicy) -> QuerySet[Launch]:
    """Launches whose flags are those of the old normal, the oldest first."""
    since = Launch.objects.filter(service=policy.service_id, start_time__gte=policy.begins_at or 0)
    newest = since.filter(state=Launch.State.JUDGED).order_by("-start_time", "-id").values("pk")[:JUDGED_AGAIN]
    return Launch.objects.filter(pk__in=newest).order_by("start_time", "id")


def _check(wanted: Wanted) -> None:
    if wanted.choose not in BaselinePolicy.Choose.values:
        raise PolicyError(f"choose is one of {', '.join(BaselinePolicy.Choose.values)}", "choose")
    if wanted.launches is not None and not 3 <= wanted.launches <= 500:
        raise PolicyError("A baseline is 3 to 500 launches", "launches")
    if wanted.choose == BaselinePolicy.Choose.PINNED and not wanted.version:
        raise PolicyError("Say which version is the baseline", "version")
    name, equals, _ = wanted.label.partition("=")
    if wanted.choose == BaselinePolicy.Choose.TAGGED and not (name and equals):
        raise PolicyError("Say which label the baseline's launches have: name=value", "label")
    for where in ("version", "label", "host_class"):
        if len(getattr(wanted, where)) > 500 or "\0" in getattr(wanted, where):
            raise PolicyError("At most 500 characters, and no NUL", where)
    _check_thresholds(wanted.thresholds)


def _check_thresholds(thresholds: Iterable[Threshold]) -> None:
    for number, one in enumerate(thresholds, start=1):
        if number > MOST_THRESHOLDS:
            raise PolicyError(f"At most {MOST_THRESHOLDS} thresholds", "thresholds")
        if not 0 < len(one.phase) <= 500 or "\0" in one.phase:
            raise PolicyError(f"Threshold {number} names no phase", "thresholds")
        if one.ratio is not None and not 0 <= one.ratio <= 1000:
            raise PolicyError(f"Threshold {number}: the ratio is 0 or more (0.1 is 10 %)", "thresholds")
        if one.ns is not None and not 0 <= one.ns < 2**53:
            raise PolicyError(f"Threshold {number}: ns is 0 or more", "thresholds")
