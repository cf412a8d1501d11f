"""Which launches are one run: they share a deploy, a day, a machine, and with it their luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NS_PER_HOUR = 3_600_000_000_000
NS_PER_DAY = 24 * NS_PER_HOUR
# Launches of one version belong to one run until there was none for so long, and for a day at most: midnight is no
# reason for another mood, a night is.
PAUSE = 6 * NS_PER_HOUR
# Labels by which a sender says itself what a run is.
TOLD_BY = ("run", "deploy", "rollout")


# Of each sort of launches, when its newest run began and when it last had one (ns).
Begun = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When (ns since the epoch), where, and of what version a launch was."""

    start_time: int
    host: str = ""
    version: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def runs(*groups: Sequence[Circumstances]) -> list[list[str]]:
    """A name for the run of each launch of each group: what a label says, else the version and its session or day.

    The host is part of it where the groups were measured on different hosts, a few launches on each. Where all used the
    same ones, hosts differ inside the groups and not between them; a host of a single launch (a pod) is no host at all.
    """
    hosts = [{one.host for one in group} for group in groups]
    every, launches = set[str]().union(*hosts), sum(map(len, groups))
    by_host = any(of != every for of in hosts) and 2 * len(every) <= launches
    return [_named(group, by_host) for group in groups]


def _named(side: Sequence[Circumstances], by_host: bool) -> list[str]:
    names = [""] * len(side)
    begun: Begun = {}
    for place in sorted(range(len(side)), key=lambda place: side[place].start_time):
        names[place] = run_of(side[place], begun, by_host)
    return names


def run_of(one: Circumstances, begun: Begun, by_host: bool = False) -> str:
    """A name for the run of one launch, with what has ``begun`` of each sort of launches, which it adds to."""
    told = _told(one)
    sort = told or f"{one.version} {one.host if by_host else ''}".strip()
    first, last = begun.get(sort, (one.start_time, one.start_time))
    if one.start_time - last > PAUSE or one.start_time - first >= NS_PER_DAY:
        first = last = one.start_time
    begun[sort] = min(first, one.start_time), max(last, one.start_time)
    return told or f"{sort} {first}"


def _told(one: Circumstances) -> str:
    return next((f"{label} {one.labels[label]}" for label in TOLD_BY if one.labels.get(label)), "")
