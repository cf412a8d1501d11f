"""Facts of a pod's containers: state, restarts, probes with the time they allow, limits, image and its digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.parsers.kubernetes.quantities import quantity
from diagnostics.parsers.kubernetes.shapes import integer, table, tables, text
from diagnostics.parsers.kubernetes.stamps import stamp

# What the API server fills in where a probe does not say.
_DEFAULTS = {"initialDelaySeconds": 0, "timeoutSeconds": 1, "periodSeconds": 10, "failureThreshold": 3}
_ACTIONS = {"httpGet": "http-get", "exec": "exec", "tcpSocket": "tcp-socket", "grpc": "grpc"}


def container_facts(pod: Mapping[str, Any], received_at: int) -> list[dict[str, Any]]:
    """One table a container, the init containers first, in the order they run."""
    spec, status = table(pod.get("spec")), table(pod.get("status"))
    found: list[dict[str, Any]] = []
    for wanted, seen, is_init in (
        ("initContainers", "initContainerStatuses", True),
        ("containers", "containerStatuses", False),
    ):
        statuses = {text(one.get("name")): one for one in tables(status.get(seen))}
        specs = {text(one.get("name")): one for one in tables(spec.get(wanted))}
        for name in filter(None, specs | statuses):
            facts = _facts(name, specs.get(name, {}), statuses.get(name, {}), received_at)
            found.append(facts | ({"init": True} if is_init else {}))
    return found


def _facts(name: str, spec: Mapping[str, Any], status: Mapping[str, Any], received_at: int) -> dict[str, Any]:
    state, last = state_of(status.get("state"), received_at), state_of(status.get("lastState"), received_at)
    resources = table(spec.get("resources"))
    facts = {
        "name": name,
        "image": text(spec.get("image")) or text(status.get("image")),
        "image_id": text(status.get("imageID")),
        "digest": text(status.get("imageID")).rpartition("@")[2],
        "ready": status.get("ready") is True,
        "restarts": integer(status.get("restartCount")),
        **state,
        "last": last,
        "requests": _amounts(resources.get("requests")),
        "limits": _amounts(resources.get("limits")),
        "probes": dict(_probes(spec)),
    }
    return {key: value for key, value in facts.items() if value not in ("", {}, None)}


def state_of(value: object, received_at: int) -> dict[str, Any]:
    """``state`` (``running``, ``waiting``, ``terminated``) with reason, exit code and times (ns), where known."""
    for name, told in table(value).items():
        parts = table(told)
        started, finished = stamp(parts.get("startedAt"), received_at), stamp(parts.get("finishedAt"), received_at)
        facts = {
            "state": name,
            # Of a description; JSON is not told by its lines.
            "line": parts.get("line") if isinstance(parts.get("line"), int) else None,
            "reason": text(parts.get("reason")),
            "message": text(parts.get("message"))[:500],
            "exit_code": parts.get("exitCode") if isinstance(parts.get("exitCode"), int) else None,
            "signal": parts.get("signal") if isinstance(parts.get("signal"), int) else None,
            "started": started.time if started else None,
            "finished": finished.time if finished else None,
        }
        return {key: value for key, value in facts.items() if value not in ("", None)}
    return {}


def _amounts(value: object) -> dict[str, Any]:
    """Cores, bytes, pieces by resource; an amount that cannot be read is kept as it was written."""
    found = {}
    for name, amount in table(value).items():
        number = quantity(amount)
        found[name] = str(amount)[:100] if number is None else number
    return found


def _probes(spec: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in ("startup", "liveness", "readiness"):
        if probe := table(spec.get(f"{kind}Probe")):
            given = {name: integer(probe.get(name), default) for name, default in _DEFAULTS.items()}
            yield (
                kind,
                {
                    "action": probe.get("action") or next((word for key, word in _ACTIONS.items() if key in probe), ""),
                    "initial_delay_s": given["initialDelaySeconds"],
                    "period_s": given["periodSeconds"],
                    "failure_threshold": given["failureThreshold"],
                    "timeout_s": given["timeoutSeconds"],
                    # How long after its start a container may fail the probe before the kubelet acts.
                    "budget_s": given["initialDelaySeconds"] + given["periodSeconds"] * given["failureThreshold"],
                },
            )
