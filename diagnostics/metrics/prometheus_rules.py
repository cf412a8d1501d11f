"""Alert rules as Prometheus alerting rules. What one of ours has no metric for is told by our own alerts' gauge."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import yaml

from diagnostics.alerting import KINDS
from diagnostics.models import AlertRule

Where = str  # a selector: {service="…",environment="…"}
_NAME = re.compile(r"[^A-Za-z0-9]+")


def prometheus_rules(rules: Iterable[AlertRule]) -> str:
    """YAML of one rule group; ``promtool check rules`` accepts it."""
    told = [_rule(rule) for rule in rules if rule.kind in KINDS]
    group = {"name": "launchscope", "rules": told}
    return yaml.safe_dump({"groups": [group]}, sort_keys=False, allow_unicode=True)


def _rule(rule: AlertRule) -> dict[str, Any]:
    words, values = KINDS[rule.kind].sentence(rule)
    summary = f"{rule.name}: {str(words) % values if values else words}"
    expression = EXPRESSIONS.get(rule.kind, _firing)(rule, _selector(rule))
    told: dict[str, Any] = {"alert": _alert_name(rule), "expr": expression}
    if rule.for_seconds:
        told["for"] = f"{rule.for_seconds}s"
    told["labels"] = {"severity": rule.severity, "launchscope_rule": rule.name}
    # Braces are Prometheus' own template language.
    told["annotations"] = {"summary": summary.replace("{{", "{ {")}
    return told


def _alert_name(rule: AlertRule) -> str:
    return "Launchscope" + "".join(word.capitalize() for word in _NAME.split(rule.kind)) + (f"_{rule.pk}")


def _selector(rule: AlertRule, **more: str) -> Where:
    wanted: dict[str, str] = {}
    if rule.service is not None:
        wanted |= {"service": rule.service.name, "environment": rule.service.environment}
    elif rule.environment:
        wanted["environment"] = rule.environment
    pairs = [f"{name}={_quoted(value)}" for name, value in wanted.items()]
    pairs += [f"{name}=~{_quoted(value)}" for name, value in more.items()]
    return "{" + ",".join(pairs) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _setting(rule: AlertRule, name: str) -> Any:
    return KINDS[rule.kind].setting(rule, name)


def _limit(rule: AlertRule, where: Where) -> str:
    limit = _setting(rule, "limit_s")
    if rule.phase:
        where = _selector(rule, phase=_regex(rule.phase))
        return f"launchscope_phase_last_seconds{where} > {limit:g}"
    return f"launchscope_launch_last_seconds{where} > {limit:g}"


def _regex(glob: str) -> str:
    """A glob as RE2 anchors it: Prometheus matches whole values."""
    return re.sub(r"^\(\?s:(.*)\)\\[Zz]$", r"\1", fnmatch.translate(glob)).replace("(?>", "(?:")


def _failed(_rule: AlertRule, where: Where) -> str:
    return f"launchscope_launch_last_success{where} == 0"


def _coverage(rule: AlertRule, where: Where) -> str:
    least = _setting(rule, "least")
    return f"launchscope_launch_coverage_ratio{where} < {least / 100:g}" if least else _firing(rule, where)


def _regression(_rule: AlertRule, where: Where) -> str:
    return f"launchscope_regressions_open{where} > 0"


def _heartbeat(rule: AlertRule, where: Where) -> str:
    return f"time() - launchscope_launch_last_timestamp_seconds{where} > {_setting(rule, 'after_s'):g}"


def _monitor_failures(_rule: AlertRule, where: Where) -> str:
    return f"launchscope_monitor_up{where} == 0"


def _monitor_latency(rule: AlertRule, where: Where) -> str:
    return f"launchscope_monitor_latency_seconds{where} > {_setting(rule, 'limit_s'):g}"


def _firing(rule: AlertRule, where: Where) -> str:
    wanted = where[:-1] + ("," if where != "{}" else "") + f"rule={_quoted(rule.name)}}}"
    return f"launchscope_alerts_firing{wanted} > 0"


EXPRESSIONS: Mapping[str, Callable[[AlertRule, Where], str]] = {
    "launch-limit": _limit,
    "launch-failed": _failed,
    "coverage": _coverage,
    "regression": _regression,
    "heartbeat": _heartbeat,
    "monitor-failures": _monitor_failures,
    "monitor-latency": _monitor_latency,
}
