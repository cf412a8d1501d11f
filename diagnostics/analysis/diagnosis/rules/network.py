"""``network-saturated`` and ``link-flap``: an interface carried all it can, or lost its link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnostics.analysis.diagnosis.bounded import at_most
from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import distinct, proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import as_usual, excess
from diagnostics.analysis.diagnosis.readings import Readings, by_instance
from diagnostics.analysis.diagnosis.resolution import sureness
from diagnostics.analysis.diagnosis.stretches import Stretch, most_hit, running_at, weighty
from diagnostics.analysis.diagnosis.wording import count, percent, rate, seconds
from diagnostics.records import NS_PER_SECOND, Category, Interval, LaunchStatus

SATURATED = 80.0
# Interfaces that only pass on what another carries, and those of containers, which come and go.
VIRTUAL = re.compile(
    r"lo$|veth|docker|br-|virbr|cali|cni|flannel|tun|tap|vnet|dummy|ifb|cilium|lxc|kube|nodelocal|wg|vxlan"
)
DOWN = re.compile(
    r"link (?:is |becomes )?(?:down|not ready)|carrier (?:lost|off)|lost carrier|link status definitely down",
    re.IGNORECASE,
)
UP = re.compile(r"link (?:is |becomes )?(?:up|ready)|link status definitely up|carrier (?:on|acquired)", re.IGNORECASE)
NAME = re.compile(r"(?:^|[ (])((?:eth|en[opsx]|ib|bond|team|wl|hsn)[\w.@-]*)")
MOST = 3


@at_most(MOST)
def network_saturated(case: Case) -> Iterator[Finding]:
    """Needs samples that tell a share of the interface's speed."""
    for stretch in weighty(case):
        told = by_instance(case, "network.util_percent", stretch.window)
        full = [one for name, one in told.items() if one.mean >= SATURATED and not VIRTUAL.match(name)]
        if full:
            yield _saturated(case, stretch, max(full, key=lambda one: one.mean))


def _saturated(case: Case, stretch: Stretch, used: Readings) -> Finding:
    received = by_instance(case, "network.rx_kb", stretch.window, [used.instance]).get(used.instance)
    sent = by_instance(case, "network.tx_kb", stretch.window, [used.instance]).get(used.instance)
    flows = [f"{rate(one.mean * 1024)} {way}" for one, way in ((received, "in"), (sent, "out")) if one is not None]
    flow = f": {', '.join(flows)}" if flows else ""
    return Finding(
        reason="network-saturated",
        layer=Layer.NETWORK,
        severity=Severity.WARNING,
        text=f"{used.instance} ran at {percent(used.mean)} of its speed during {stretch.name}{flow}.",
        phase=stretch.path,
        expected=SATURATED,
        actual=round(used.mean, 1),
        unit="%",
        # What flowed need not have been the launch's.
        confidence=sureness(0.7, used),
        cost=stretch.part(used.share_above(SATURATED)),
        evidence_for=[
            used.proof(f"network.util_percent of {used.instance}: {percent(used.mean)} on average"),
            *([received.proof(f"network.rx_kb: {rate(received.mean * 1024)} on average")] if received else []),
        ],
        evidence_against=as_usual(case, stretch),
        advice="Fetch less over it during the start (cache images and weights on the host), or use a faster one.",
    )


def link_flap(case: Case) -> Iterator[Finding]:
    """An interface of the host lost its link in the launch; one that only comes up at boot did not."""
    told = [seen for seen in distinct(case.of_category(Category.LINK)) if not VIRTUAL.match(interface(seen))]
    spans = down_times(told, case.window.end)
    hit = most_hit(case, [span for _, span in spans])
    inside = [(name, span) for name, span in spans if case.window.start <= span.start <= case.window.end]
    if not inside:
        return
    # A link that is back at once leaves no time to overlap a phase with.
    stretch, lost = hit or (running_at(case, inside[0][1].start), 0)
    if stretch is None:
        return
    names = sorted({name for name, _ in inside})
    yield Finding(
        reason="link-flap",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL if case.launch.status is LaunchStatus.FAILED and lost else Severity.WARNING,
        text=(
            f"{', '.join(names[:MOST])} lost its link {count(len(inside), 'time')}, "
            f"{seconds(lost)} of it during {stretch.name}."
        ),
        phase=stretch.path,
        expected=0.0,
        actual=float(len(inside)),
        unit="count",
        confidence=_confidence(case, stretch, lost),
        cost=min(stretch.cost, lost),
        evidence_for=proofs([seen for seen in told if interface(seen) in names and _is_near(case, seen)]),
        evidence_against=[
            *as_usual(case, stretch),
            *([Proof("The launch became ready all the same")] if case.launch.status is not LaunchStatus.FAILED else []),
        ],
        advice=f"Look at cable, switch port and driver of {', '.join(names[:MOST])}: all it carried had to wait.",
    )


def down_times(told: Sequence[SeenEvent], end: int) -> list[tuple[str, Interval]]:
    """By interface, from each loss of the link until it is back; one that never is, until ``end``."""
    found: list[tuple[str, Interval]] = []
    since: dict[str, int] = {}
    for seen in told:
        name, state = interface(seen), _state(seen)
        if state == "down":
            since.setdefault(name, seen.event.time)
        elif state == "up" and name in since:
            start = since.pop(name)
            found.append((name, Interval(start, seen.event.time)))
    found.extend((name, Interval(start, max(start, end))) for name, start in since.items())
    return found


def interface(seen: SeenEvent) -> str:
    told = seen.event.fields.get("interface")
    found = NAME.search(seen.event.text)
    return str(told) if told else found[1] if found else "a network interface"


def _state(seen: SeenEvent) -> str:
    told = seen.event.fields.get("state")
    if told:
        return str(told)
    return "down" if DOWN.search(seen.event.text) else "up" if UP.search(seen.event.text) else ""


def _is_near(case: Case, seen: SeenEvent) -> bool:
    return case.window.start - NS_PER_SECOND <= seen.event.time <= case.window.end + NS_PER_SECOND


def _confidence(case: Case, stretch: Stretch, lost: int) -> float:
    more = excess(case, stretch)
    if more is None:
        return 0.5 if lost else 0.3
    return 0.7 if more > 0 and lost else 0.2
