"""When a description was printed: kubectl does not say, but ages beside times of the same instants do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diagnostics.parsers.kubernetes.durations import Age
from diagnostics.parsers.kubernetes.rows import Row
from diagnostics.parsers.kubernetes.stamps import Stamp, stamp
from diagnostics.records import NS_PER_SECOND


def printed_at(pod: Mapping[str, Any], rows: Sequence[Row], received_at: int) -> Stamp | None:
    """From the finest pair of an age and a time: the pod's start with ``Scheduled``, a container's with ``Started``.

    A repeated ``Started`` may be older than the container's last start, for Kubernetes drops events that come too
    often: where the pairs contradict each other, the pod's start decides. ``None`` without a pair.
    """
    began, started = _pairs(pod, rows, received_at)
    return _agreed([*began, *started], received_at) or _agreed(began, received_at)


def _agreed(pairs: Sequence[tuple[int, Age]], received_at: int) -> Stamp | None:
    if not pairs:
        return None
    # Ages are cut, not rounded: the truth lies up to one unit later.
    earliest = max(time + age.age for time, age in pairs)
    latest = min(time + age.age + age.unit + NS_PER_SECOND for time, age in pairs)
    if earliest > latest or earliest > received_at:
        return None
    return Stamp(earliest, max(latest - earliest, NS_PER_SECOND))


def _pairs(
    pod: Mapping[str, Any], rows: Sequence[Row], received_at: int
) -> tuple[list[tuple[int, Age]], list[tuple[int, Age]]]:
    """Time and age of the pod's start, and of the starts of its containers."""
    began, starts = stamp(pod["status"].get("startTime"), received_at), _starts(pod, received_at)
    of_pod, of_containers = [], []
    for row in rows:
        if began and row.reason == "Scheduled" and row.repeats == 1 and isinstance(row.last, Age):
            of_pod.append((began.time, row.last))
        name = row.message.rpartition(" ")[2] or row.container
        if row.reason == "Started" and isinstance(row.last, Age) and name in starts:
            of_containers.append((starts[name], row.last))
    return of_pod, of_containers


def _starts(pod: Mapping[str, Any], received_at: int) -> dict[str, int]:
    """When each container was last started."""
    found = {}
    for status in pod["status"]["containerStatuses"]:
        newest = status["state"] if "waiting" not in status["state"] else status["lastState"]
        for state in newest.values():
            if started := stamp(state.get("startedAt"), received_at):
                found[status["name"]] = started.time
    return found
