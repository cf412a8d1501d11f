"""``/metrics``, for Prometheus."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from diagnostics import metrics, tasks
from diagnostics.models import ApiToken

REFUSAL = (
    "Send a read token that may see all services (Authorization: Bearer …), or list this address in METRICS_ALLOW.\n"
)
SCOPES = (ApiToken.Scope.READ, ApiToken.Scope.ADMIN)


@login_not_required
def exposed(request: HttpRequest) -> HttpResponse:
    """For a read token that sees all services, and for the addresses that METRICS_ALLOW lists."""
    if not _is_allowed(request):
        response = HttpResponse(REFUSAL, status=401, content_type="text/plain; charset=utf-8")
        response["WWW-Authenticate"] = "Bearer"
        return response
    text, content_type = metrics.exposition(tasks.waiting_messages())
    return HttpResponse(text, content_type=content_type)


def _is_allowed(request: HttpRequest) -> bool:
    scheme, _, clear = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = ApiToken.objects.recognise(clear.strip())
        return token is not None and token.revoked_at is None and token.scope in SCOPES and not token.services
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ip_network(network, strict=False) for network in settings.METRICS_ALLOW)
