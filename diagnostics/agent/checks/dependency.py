"""A dependency, stage by stage: its name, the connection, TLS, and whether it speaks its protocol."""

from __future__ import annotations

from typing import Any, List, Mapping

from diagnostics.agent.checks.check import FAILED, GOOD, WARNING, Check
from diagnostics.agent.messages import tr
from diagnostics.agent.probing import Outcome, Target, probe
from diagnostics.agent.units import duration

# What a healthy network of one region stays below, ns.
SLOW = {"resolve": 100_000_000, "connect": 100_000_000, "tls": 300_000_000, "handshake": 1_000_000_000}
_LAYERS = {"resolve": "network", "connect": "network", "tls": "network", "handshake": "dependency"}
_NAMES = {"resolve": "dns", "connect": "tcp", "tls": "tls", "handshake": "protocol"}
_ADVICE = {
    "name_not_found": "Look at the name, at /etc/resolv.conf and at the name server.",
    "timeout": "Packets are lost or filtered, or the other side is overloaded: look at firewalls and at its load.",
    "refused": "The host is there but nothing listens: start it, or correct the port.",
    "unreachable": "There is no route: look at the network policy and at the routes.",
    "tls_invalid": "Look at the certificate: name, expiry, and the authority this host trusts.",
    "not_ready": "It is starting, stopping or full: wait for it before the launch needs it.",
    "denied": "Look at the user and the password.",
    "protocol": "Another program listens there: correct the address.",
}


def dependency(target: Target, timeout: float) -> List[Check]:
    """A check per stage that was reached."""
    outcome = probe(target, timeout)
    stages = [stage for stage in SLOW if stage in outcome.stages]
    failed = stages[-1] if stages and not outcome.ok else ""
    return [_failed(target, outcome, stage) if stage == failed else _timed(target, outcome, stage) for stage in stages]


def _timed(target: Target, outcome: Outcome, stage: str) -> Check:
    took, limit = outcome.stages[stage], SLOW[stage]
    what = tr(_NAMES[stage])
    name = target.name or target.address
    message = tr("{name}: {what} took {took}", name=name, what=what, took=duration(took))
    state = WARNING if took > limit else GOOD
    advice = (
        tr("Slow, though it worked: expected less than {limit}.", limit=duration(limit)) if state == WARNING else ""
    )
    evidence = [f"{outcome.address} {_facts(outcome.facts)}".strip()]
    layer = _LAYERS[stage]
    return Check(_NAMES[stage], layer, state, message, limit / 1e6, round(took / 1e6, 3), "ms", evidence, advice)


def _failed(target: Target, outcome: Outcome, stage: str) -> Check:
    advice = tr(_ADVICE[outcome.reason]) if outcome.reason in _ADVICE else ""
    message = f"{target.name}: {outcome.message}" if target.name else outcome.message
    evidence = [f"{outcome.address} {duration(outcome.stages[stage])}"]
    layer = "dependency" if outcome.reason in ("not_ready", "denied") else _LAYERS[stage]
    return Check(_NAMES[stage], layer, FAILED, message, "ok", outcome.reason, "", evidence, advice)


def _facts(facts: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(facts.items()) if value != "")
