"""What the launch's own lines say of dependencies: ``dns-failure``, ``tcp-failure``, ``tls-failure``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.log_lines import Sign, said, sign
from diagnostics.analysis.diagnosis.stretches import Stretch, running_at
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import NS_PER_SECOND, LaunchStatus, PhaseStatus

# A line or two that cost no time are a retry that worked.
LEAST_LINES = 3
LEAST_TIME = 2 * NS_PER_SECOND
# What ended a launch was said this shortly before its end.
NEAR_END = 60 * NS_PER_SECOND
# Ranks that look for each other have a rule of their own.
RANKS = re.compile(r"tcpstore|torch\.distributed|client socket|c10d|nccl", re.IGNORECASE)
PEERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"host=['\"]([\w.:-]+)['\"]",
        r"lookup ([\w.-]+)",
        r"resolve(?: host(?:name)?)?:? ['\"]?([\w-]+(?:\.[\w-]+)+)",
        r"(?:https?|redis|postgres(?:ql)?|amqp|kafka)://(?:[^@/\s]*@)?([\w.-]+)",
        r"(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|UnknownHostException:) ([\w.-]+)",
        r"(?:dial tcp|connect(?:ing|ion)? to|server at) \"?\[?([\w.-]+)",
        r"\b((?:\d{1,3}\.){3}\d{1,3}|[a-z][\w-]*(?:\.[\w-]+)+):\d{2,5}\b",
    )
)


@dataclass(frozen=True, slots=True)
class Trouble:
    reason: str
    sign: Sign
    text: str
    advice: str


TROUBLES: Sequence[Trouble] = (
    Trouble(
        "dns-failure",
        sign(
            "temporary failure in name resolution",
            "name or service not known",
            "no such host",
            "could not resolve",
            "couldn't resolve",
            "failed to resolve",
            "nodename nor servname",
            "nameresolutionerror",
            "unknownhostexception",
            "eai_again",
            "enotfound",
            "nxdomain",
            "server misbehaving",
            "no address associated with hostname",
        ),
        "{peer} could not be found by name",
        "Look at the name and at the name server that the container asks (/etc/resolv.conf); in Kubernetes at CoreDNS "
        "and at NetworkPolicies for port 53.",
    ),
    Trouble(
        "tls-failure",
        sign(
            "certificate_verify_failed",
            "certificate verify failed",
            "x509: ",
            "certificate has expired",
            "self-signed certificate",
            "self signed certificate",
            "tlsv1 alert",
            "sslv3 alert",
            "ssl handshake",
            "tls handshake",
            "wrong_version_number",
            "sslhandshakeexception",
        ),
        "No trusted connection (TLS) to {peer}",
        "Look at the certificate's name and expiry, at the authorities that the container trusts, and at its clock.",
    ),
    Trouble(
        "tcp-failure",
        sign(
            "connection refused",
            "econnrefused",
            "no route to host",
            "ehostunreach",
            "network is unreachable",
            "connection timed out",
            "connecttimeout",
            "connect timeout",
            "connection attempt timed out",
            "etimedout",
            "i/o timeout",
            "connection reset by peer",
            "econnreset",
            "max retries exceeded",
        ),
        "{peer} could not be connected to",
        "Start it before this service, or wait for it in an init container; look at its address, and at firewalls and "
        "NetworkPolicies between.",
    ),
)


def dependency_lines(case: Case) -> Iterator[Finding]:
    """A finding for each kind of trouble; a line belongs to the first kind that it shows."""
    taken: set[int] = set()
    for trouble in TROUBLES:
        lines = [seen for seen, _ in said(case, trouble.sign) if not RANKS.search(seen.event.text)]
        lines = [seen for seen in lines if id(seen.event) not in taken]
        taken |= {id(seen.event) for seen in lines}
        if lines and (found := _finding(case, trouble, lines)):
            yield found


def _finding(case: Case, trouble: Trouble, lines: Sequence[SeenEvent]) -> Finding | None:
    first, last = lines[0].event, lines[-1].event
    lasted = last.time - first.time
    ended = _ended(case, last.time)
    if not ended and len(lines) < LEAST_LINES and lasted < LEAST_TIME:
        return None
    stretch = running_at(case, last.time if ended else first.time)
    peers = list(dict.fromkeys(peer for seen in lines if (peer := peer_of(seen.event.text))))
    peer = ", ".join(peers[:3]) or "A dependency"
    said_so = trouble.text.format(peer=peer)
    over = f" over {seconds(lasted)}" if lasted else ""
    where = f" in {stretch.name}" if stretch else ""
    return Finding(
        reason=trouble.reason,
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL if ended else Severity.WARNING,
        text=f"{said_so}: {count(len(lines), 'line')}{over}{where}.",
        phase=stretch.path if stretch else None,
        expected="reached at once",
        actual=first.text.splitlines()[0][:200],
        confidence=0.8 if ended else 0.6,
        cost=max(0, case.launch.total) if ended else _cost(stretch, lasted),
        evidence_for=proofs(lines),
        evidence_against=[] if ended else [Proof("The launch went on after it")],
        advice=trouble.advice,
    )


def _cost(stretch: Stretch | None, lasted: int) -> int:
    return min(stretch.cost, lasted) if stretch else 0


def _ended(case: Case, time: int) -> bool:
    """The launch failed soon after, or in the phase that said it."""
    if case.launch.status is not LaunchStatus.FAILED:
        return False
    failed = [told.phase for told in case.launch.phases if told.phase.status is PhaseStatus.FAILED]
    return any(phase.start_time <= time and abs(phase.end_time - time) <= NEAR_END for phase in failed)


def peer_of(text: str) -> str:
    """The name or address that a line complains of, or ``""``."""
    return next((match[1].rstrip(".") for pattern in PEERS if (match := pattern.search(text))), "")
