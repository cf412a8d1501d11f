"""Alert rules for those who alert with Prometheus."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from diagnostics import metrics
from diagnostics.api.auth import READ, access_of
from diagnostics.api.errors import ErrorOut
from diagnostics.models import AlertRule

router = Router(auth=READ)
YAML = "application/yaml"


@router.get(
    "/rules/prometheus.yaml",
    response=dict.fromkeys((401, 403), ErrorOut),
    openapi_extra={
        "responses": {200: {"description": "A rule file", "content": {YAML: {"schema": {"type": "object"}}}}}
    },
    tags=["alerts"],
    summary="The alert rules as Prometheus alerting rules",
)
def rules(request: HttpRequest) -> HttpResponse:
    """To be loaded under ``rule_files``; they read what ``/metrics`` tells."""
    own = AlertRule.objects.filter(enabled=True).select_related("service").order_by("pk")
    allowed = access_of(request).services
    seen = [rule for rule in own if not allowed or (rule.service is not None and rule.service.name in allowed)]
    return HttpResponse(metrics.prometheus_rules(seen), content_type=f"{YAML}; charset=utf-8")
