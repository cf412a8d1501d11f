"""The wire contract, v1. An endpoint reads its parameters, calls one use case or query, and shapes the answer."""

from __future__ import annotations

from diagnostics.api import (
    alerts,
    artifacts,
    baselines,
    bundles,
    channels,
    compare,
    contract,
    errors,
    evidence,
    exports,
    launches,
    markers,
    monitors,
    prometheus,
    regressions,
    reports,
    schemas,
    services,
    traces,
)
from diagnostics.api.reading import ContractParser
from diagnostics.api.rendering import OrjsonRenderer

api = contract.ContractAPI(
    title="Launchscope",
    version="1",
    description=(
        "Launches, their phases, and what got slower. Times and durations are integer nanoseconds. "
        "The snapshot as [JSON Schema](/api/v1/schemas/snapshot.json)."
    ),
    parser=ContractParser(),
    renderer=OrjsonRenderer(),
    urls_namespace="api",
)
errors.install(api)
api.add_router("/launches", launches.router, tags=["launches"])
api.add_router("/artifacts", artifacts.router, tags=["artifacts"])
api.add_router("/bundles", bundles.router, tags=["artifacts"])
api.add_router("/launches", evidence.router, tags=["launches"])
api.add_router("/compare", compare.router, tags=["compare"])
api.add_router("", exports.router)
api.add_router("/services", baselines.router, tags=["services"])
api.add_router("/services", services.router, tags=["services"])
api.add_router("/regressions", regressions.router, tags=["regressions"])
api.add_router("/monitors", monitors.router, tags=["monitors"])
api.add_router("/reports", reports.router, tags=["reports"])
api.add_router("/alerts", alerts.router, tags=["alerts"])
api.add_router("/alert-rules", alerts.rules_router, tags=["alerts"])
api.add_router("/traces", traces.router, tags=["traces"])
api.add_router("", markers.router)
api.add_router("", prometheus.router)
api.add_router("", channels.router, tags=["channels"])
api.add_router("/schemas", schemas.router, tags=["schemas"])
api.add_router("", contract.elsewhere)
