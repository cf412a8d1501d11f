"""``rdma-off``: NCCL talks over plain sockets, though the model's ranks are on several hosts."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.events import proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.log_lines import said, sign
from diagnostics.analysis.diagnosis.wording import count

OFF = sign("net/socket", "using network socket", pattern=r"NET/Socket\s*: Using|Using network Socket")
ON = sign("net/ib", "using network", pattern=r"NET/IB\s*: Using|Using network (?!Socket)\w+")
WHY = sign(
    "net/ib",
    "nccl_ib_disable",
    "libibverbs",
    pattern=r"NET/IB\s*: No device found|NCCL_IB_DISABLE set by environment to 1|failed to open libibverbs",
)
NODES = sign("nnodes", pattern=r"\bnNodes[ =:]+(?P<nodes>\d{1,9})")


def rdma_off(case: Case) -> Iterator[Finding]:
    off = [seen for seen, _ in said(case, OFF)]
    if not off or said(case, ON):
        return
    nodes = max((int(match["nodes"]) for _, match in said(case, NODES)), default=0)
    if nodes == 1:
        return  # on one host NCCL uses NVLink and shared memory; the socket only carries its greetings
    why = [seen for seen, _ in said(case, WHY)]
    disabled = any("NCCL_IB_DISABLE" in seen.event.text for seen in why)
    told = f"{count(nodes, 'host')} talk" if nodes else "The ranks talk"
    because = (
        "NCCL_IB_DISABLE=1 says so" if disabled else "it found no RDMA device" if why else "the log does not say why"
    )
    yield Finding(
        reason="rdma-off",
        layer=Layer.CONFIG if disabled else Layer.NETWORK,
        severity=Severity.WARNING if nodes else Severity.NOTICE,
        text=f"{told} over plain sockets instead of RDMA: {because}.",
        expected="NET/IB",
        actual="NET/Socket",
        confidence=0.85 if nodes and why else 0.7 if nodes else 0.4,
        evidence_for=proofs([*off, *why]),
        evidence_against=[]
        if nodes
        else [Proof("The log does not say how many hosts there are: on one, sockets cost nothing")],
        advice="Unset NCCL_IB_DISABLE."
        if disabled
        else "Give the container the RDMA devices (/dev/infiniband, the rdma resource of the device plugin), "
        "libibverbs, and an unlimited locked memory; NCCL_DEBUG=INFO says what it found.",
    )
