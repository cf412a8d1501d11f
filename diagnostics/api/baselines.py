"""What the launches of a service are held against."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import ConfigDict

from diagnostics import baselines, tasks
from diagnostics.analysis.thresholds import Threshold
from diagnostics.api.auth import DECIDE, READ, access_of, actor_of
from diagnostics.api.errors import ErrorOut
from diagnostics.api.filters import Text
from diagnostics.models import BaselinePolicy, Launch, Service

router = Router(auth=READ)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 422), ErrorOut)


class ThresholdForm(Schema):
    model_config = ConfigDict(extra="forbid")

    phase: str
    ratio: float | None = None
    ns: int | None = None
    ignore: bool = False


class PolicyIn(Schema):
    """``choose``: last_good, pinned (with ``version``) or tagged (with ``label``, name=value)."""

    model_config = ConfigDict(extra="forbid")

    choose: str = "last_good"
    launches: int | None = None
    version: str = ""
    label: str = ""
    host_class: str = ""
    thresholds: list[ThresholdForm] = []

    def wanted(self) -> baselines.Wanted:
        thresholds = tuple(Threshold(**one.model_dump()) for one in self.thresholds)
        return baselines.Wanted(**{**self.model_dump(), "thresholds": thresholds})


class PolicyOut(PolicyIn):
    model_config = ConfigDict(extra="ignore")

    begins_with: str | None
    begins_at: int | None
    sentence: str


class NewNormal(Schema):
    model_config = ConfigDict(extra="forbid")

    launch: UUID


@router.get("/{any:name}/baseline", response={200: PolicyOut, **FAILURES})
def policy(request: HttpRequest, name: str, environment: Text = "") -> dict[str, Any]:
    """The policy in force; a service that has none is held against its last good launches."""
    service = _service(request, name, environment)
    return _out(getattr(service, "policy", None) or BaselinePolicy(service=service))


@router.put("/{any:name}/baseline", response={200: PolicyOut, **FAILURES}, auth=DECIDE)
def replace(request: HttpRequest, name: str, wanted: PolicyIn, environment: Text = "") -> dict[str, Any]:
    """Set the policy as a whole; what is left out is as if never set, but the new normal stays."""
    service = _service(request, name, environment)
    return _out(baselines.set_policy(service, wanted.wanted(), actor_of(request)))


@router.post("/{any:name}/baseline/begin", response={200: PolicyOut, **FAILURES}, auth=DECIDE)
def begin(request: HttpRequest, name: str, normal: NewNormal, environment: Text = "") -> dict[str, Any]:
    """This launch is the new normal: the baseline begins with it, and live regressions are dismissed."""
    service = _service(request, name, environment)
    launch = get_object_or_404(Launch.objects.filter(service=service), pk=normal.launch)
    begun = baselines.begin_anew(launch, actor_of(request))
    tasks.judge_again(begun)
    return _out(begun)


def _service(request: HttpRequest, name: str, environment: str) -> Service:
    if "\0" in name:
        raise Http404
    visible = Service.objects.filter(access_of(request).visible("")).select_related("policy")
    return get_object_or_404(visible, name=name, environment=environment)


def _out(policy: BaselinePolicy) -> dict[str, Any]:
    return {
        "choose": policy.choose,
        "launches": policy.launches,
        "version": policy.version,
        "label": policy.label,
        "host_class": policy.host_class,
        "thresholds": [asdict(rule) for rule in policy.rules],
        "begins_with": str(policy.begins_with_id) if policy.begins_with_id else None,
        "begins_at": policy.begins_at,
        "sentence": policy.sentence,
    }
