"""``rendezvous-timeout``: the ranks of one model did not find each other (TCPStore), or one of them never came to a
collective (NCCL's watchdog)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.log_lines import said, sign
from diagnostics.analysis.diagnosis.stretches import running_at
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import NS_PER_SECOND, LaunchStatus, PlacedPhase

NS_PER_MS = NS_PER_SECOND // 1000
SIGN = sign(
    "timed out after",
    "wait timeout after",
    "collective operation timeout",
    "socketstartconnect",
    "diststoreerror",
    "rendezvous",
    pattern=(
        r"client socket has timed out after (?P<client>\d{1,15}) ?ms while trying to connect to \((?P<peer>[^)]+)\)|"
        r"timed out after (?P<store>\d{1,12}) seconds waiting for clients\. "
        r"(?P<came>\d{1,9})/(?P<all>\d{1,9}) clients joined|"
        r"wait timeout after (?P<key>\d{1,15}) ?ms, keys: (?P<keys>\S+)|"
        r"collective operation timeout: .*?OpType=(?P<op>\w+).*? ran for (?P<collective>\d{1,15}) milli|"
        r"socketStartConnect: Connect to (?P<nccl>[^ <]+)<?(?P<port>\d*)>? failed|"
        r"\b(?:DistStoreError|RendezvousTimeoutError|RendezvousConnectionError|RendezvousGracefulExitError)\b"
    ),
)
RANK = re.compile(r"\[rank ?(\d+)\]|\b(?:TP|PP|DP|rank[ =:]?) ?(\d+)\b|worker.{0,12}pid=(\d+)", re.IGNORECASE)
MILLISECONDS = ("client", "key", "collective")
SILENT_RANK = (
    "Find the rank that is silent: it died, hangs, or is on a host that the others do not reach. Upload its log, and "
    "set TORCH_NCCL_TRACE_BUFFER_SIZE=2000 for the next launch."
)
MISSING_RANK = "Look at the logs of the ranks that are missing: they may not have been started, or died before."
UNREACHED = (
    "Look whether rank 0 runs and listens there, and at firewalls and NetworkPolicies between the hosts (the port is "
    "chosen at random unless MASTER_PORT or VLLM_PORT says it); NCCL_SOCKET_IFNAME and GLOO_SOCKET_IFNAME must name "
    "the interface that the ranks share."
)


def rendezvous_timeout(case: Case) -> Iterator[Finding]:
    lines = said(case, SIGN)
    phases = [
        told
        for told in case.launch.phases
        if told.phase.name.split(" ")[0] in ("rendezvous", "collective") and told.phase.status == "failed"
    ]
    if lines or phases:
        yield _finding(case, lines, phases)


def _finding(case: Case, lines: Sequence[tuple[SeenEvent, re.Match[str]]], phases: Sequence[PlacedPhase]) -> Finding:
    waited = max([*(_waited(match) for _, match in lines), *(told.phase.duration for told in phases)])
    failed = case.launch.status is LaunchStatus.FAILED
    stretch = running_at(case, lines[0][0].event.time) if lines else None
    path = phases[0].path if phases else stretch.path if stretch else None
    what, advice = _story(lines, phases)
    ranks = sorted({rank for seen, _ in lines if (rank := _rank(seen))})
    usual = case.usual.get(path or "")
    middle = usual.quantile(0.5) if usual and path else None
    return Finding(
        reason="rendezvous-timeout",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL if failed else Severity.WARNING,
        text=_text(what, waited, ranks),
        phase=path,
        expected=float(middle) if middle is not None else "all ranks meet",
        actual=float(waited) if middle is not None else f"given up after {seconds(waited)}" if waited else "given up",
        unit="ns" if middle is not None else "",
        confidence=0.95 if failed else 0.7,
        cost=max(0, case.launch.total) if failed else min(waited, max(0, case.launch.total)),
        evidence_for=[
            *proofs([seen for seen, _ in lines]),
            *(
                Proof(f"{told.path} failed after {seconds(told.phase.duration)}", time=told.phase.end_time)
                for told in phases
            ),
        ],
        evidence_against=[] if failed else [Proof("The launch became ready all the same")],
        advice=advice,
    )


def _text(what: str, waited: int, ranks: Sequence[str]) -> str:
    within = f" within {seconds(waited)}" if waited else ""
    told = f" (told by {', '.join(ranks[:8])})" if ranks else ""
    return f"{what}{within}{told}."


def _waited(match: re.Match[str]) -> int:
    told = match.groupdict()
    for name in MILLISECONDS:
        if told[name]:
            return int(told[name]) * NS_PER_MS
    return int(told["store"] or 0) * NS_PER_SECOND


def _story(lines: Sequence[tuple[SeenEvent, re.Match[str]]], phases: Sequence[PlacedPhase]) -> tuple[str, str]:
    """What went wrong, to go on with a time; and what to do."""
    told: dict[str, str] = {}
    for _, match in lines:
        told = {name: value for name, value in match.groupdict().items() if value} | told
    for placed in phases:
        told.setdefault("peer", str(placed.phase.attributes.get("peer") or ""))
    if told.get("op") or any(placed.phase.name.startswith("collective") for placed in phases):
        return f"A rank did not come to the collective {told.get('op', '')}".rstrip(), SILENT_RANK
    if told.get("came"):
        rest = int(told["all"]) - int(told["came"])
        return f"{count(rest, 'rank')} of {told['all']} never came to the store", MISSING_RANK
    peer = re.sub(r", (\d+)$", r":\1", told.get("peer") or told.get("nccl") or "")
    return f"A rank could not reach the store {'at ' + peer if peer else 'of rank 0'}", UNREACHED


def _rank(seen: SeenEvent) -> str:
    match = RANK.search(f"{seen.event.source} {seen.event.text}")
    if match is None:
        return ""
    return f"rank {match[1] or match[2]}" if match[1] or match[2] else f"worker {match[3]}"
