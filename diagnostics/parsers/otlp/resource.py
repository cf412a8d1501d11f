"""What a resource says of a launch: where it ran, its version, and what an export of ours has added.

A resource is its attributes by name, in OpenTelemetry's semantic conventions; what those have no name for is under
``launchscope.…`` (``diagnostics.exports.otlp`` writes it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from diagnostics.records import HostFacts

LABELS = ("k8s.", "container.", "process.", "vllm.", "cloud.", "service.", "host.", "launchscope.label.")
# The launch has these as its own fields; how long ids and command lines are is nobody's business.
NO_LABELS = ("service.name", "service.version", "host.name", "process.command_args", "host.ip", "host.mac")
KNOWN_LABELS = {"k8s.node.name": "node", "k8s.pod.name": "pod", "container.image.name": "image"}
LONGEST_LABEL = 500
OWN_LABEL, OWN_MILESTONE, OWN_CONFIG = "launchscope.label.", "launchscope.milestone.", "launchscope.config"

Resource = Mapping[str, Any]


def host_of(resource: Resource) -> HostFacts | None:
    name = resource.get("host.name") or resource.get("k8s.pod.name") or resource.get("k8s.node.name")
    boot_time = resource.get("launchscope.boot_time")
    boot = str(resource.get("launchscope.boot_id") or ""), boot_time if isinstance(boot_time, int) else None
    return HostFacts(str(name)[:500], *boot) if name else None


def version_of(resource: Resource) -> str:
    return _text(resource.get("service.version") or "")


def labels_of(resource: Resource) -> dict[str, str]:
    """What it says of where the launch ran."""
    kept = {
        key.removeprefix(OWN_LABEL): _text(value)
        for key, value in resource.items()
        if key.startswith(LABELS) and key not in NO_LABELS and (value not in (None, "") or key.startswith(OWN_LABEL))
    }
    return kept | {label: _text(resource[key]) for key, label in KNOWN_LABELS.items() if resource.get(key)}


def own_milestones(resource: Resource) -> dict[str, int]:
    """Milestones (ns) by name, which only our own exports tell."""
    told = ((key, value) for key, value in resource.items() if key.startswith(OWN_MILESTONE))
    return {
        key.removeprefix(OWN_MILESTONE): value
        for key, value in told
        if isinstance(value, int) and not isinstance(value, bool)
    }


def config_of(resource: Resource) -> dict[str, Any]:
    """Settings as they were expected and found, which only our own exports tell."""
    told = resource.get(OWN_CONFIG)
    try:
        config = orjson.loads(told) if isinstance(told, str) else {}
    except orjson.JSONDecodeError:
        config = {}
    return {k: v for k, v in config.items() if isinstance(v, dict)} if isinstance(config, dict) else {}


def _text(value: Any) -> str:
    joined = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return joined[:LONGEST_LABEL]
