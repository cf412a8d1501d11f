"""Whether the ranks of one model can meet: the TCPStore's port, and the interface NCCL is told to use."""

from __future__ import annotations

import socket
from typing import List, Mapping

from diagnostics.agent.checks.check import FAILED, GOOD, Check
from diagnostics.agent.messages import tr
from diagnostics.agent.probing import parse, probe
from diagnostics.agent.units import duration


def address_from(environment: Mapping[str, str]) -> str:
    """``host:port`` as torchrun, vLLM and SGLang hand it to their ranks; empty where they do not."""
    host, port = environment.get("MASTER_ADDR", ""), environment.get("MASTER_PORT", "")
    if not (host and port.isdecimal()):
        return ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reachable(address: str, timeout: float) -> Check:
    """A TCP connection to the rank that keeps the store."""
    outcome = probe(parse(f"tcp://{address}"), timeout)
    if outcome.ok:
        message = tr(
            "the rendezvous at {address} answers after {took}", address=address, took=duration(outcome.duration)
        )
        return Check("rendezvous", "network", GOOD, message, actual=outcome.duration, unit="ns")
    advice = tr("Rank 0 must listen there before the others time out: look whether it runs, and at firewalls between.")
    return Check("rendezvous", "network", FAILED, outcome.message, "reachable", outcome.reason, "", [address], advice)


def interfaces(environment: Mapping[str, str]) -> List[Check]:
    """NCCL_SOCKET_IFNAME and GLOO_SOCKET_IFNAME must name interfaces that exist in this network namespace."""
    try:
        present = [name for _, name in socket.if_nameindex()]
    except OSError:
        return []
    checks = []
    for variable in ("NCCL_SOCKET_IFNAME", "GLOO_SOCKET_IFNAME"):
        wanted = environment.get(variable, "")
        if wanted and not _names_one(wanted, present):
            message = tr("{variable} names “{wanted}”; here are {present}",
                         variable=variable, wanted=wanted, present=", ".join(present))  # fmt: skip
            advice = tr("Name an interface of this container, or unset the variable.")
            checks.append(
                Check("rendezvous-interface", "config", FAILED, message, wanted, ", ".join(present), "", [], advice)
            )
    return checks


def _names_one(wanted: str, present: List[str]) -> bool:
    """NCCL's own syntax: prefixes, ``=`` for exact names, ``^`` for all but these."""
    negated = wanted.startswith("^")
    rest = wanted[1:] if negated else wanted
    exact = rest.startswith("=")
    names = (rest[1:] if exact else rest).split(",")
    hit = {here for here in present for name in names if (here == name if exact else here.startswith(name))}
    return bool(set(present) - hit) if negated else bool(hit)
