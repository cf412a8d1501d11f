"""Which launches are one run: they share a deploy, a day, a machine, and with it their luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NS_PER_DAY = 86_400_000_000_000
# Labels by which a sender says itself what a run is.
TOLD_BY = ("run", "deploy", "rollout")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When (ns since the epoch), where, and of what version a launch was."""

    start_time: int
    host: str = ""
    version: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def runs(baseline: Sequence[Circumstances], candidate: Sequence[Circumstances]) -> tuple[list[str], list[str]]:
    """A name for the run of each launch of both sides: what a label says, else version and day (UTC).

    The host is part of it where the sides were measured on different hosts, a few launches on each. Where both used the
    same ones, hosts differ inside the sides and not between them; a host of a single launch (a pod) is no host at all.
    """
    hosts = [{one.host for one in side} for side in (baseline, candidate)]
    every = hosts[0] | hosts[1]
    by_host = hosts[0] != hosts[1] and 2 * len(every) <= len(baseline) + len(candidate)
    return [_name(one, by_host) for one in baseline], [_name(one, by_host) for one in candidate]


def _name(one: Circumstances, by_host: bool) -> str:
    for label in TOLD_BY:
        if told := one.labels.get(label):
            return f"{label} {told}"
    day = one.start_time // NS_PER_DAY
    return f"{one.version} {day} {one.host if by_host else ''}".strip()
