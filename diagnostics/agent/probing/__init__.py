"""Probes of what a service depends on: the handshakes of its protocols, by hand, with exact timeouts."""

from diagnostics.agent.probing.connection import Connection, ProbeFailed
from diagnostics.agent.probing.outcome import Outcome, probe
from diagnostics.agent.probing.target import SCHEMES, Target, parse

__all__ = ["SCHEMES", "Connection", "Outcome", "ProbeFailed", "Target", "parse", "probe"]
