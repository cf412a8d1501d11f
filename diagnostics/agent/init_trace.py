"""``diag-glm init-trace``: launches of one service → one row per phase: mean, spread, share, trend.

Launches that failed are left out of the means, since how long a start took that never ended is not known; their number
is told. A phase's share is its time / the total time of the launches that have it; nested phases are part of the ones
around them, so shares do not add up to 100 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

from diagnostics.agent import trend
from diagnostics.agent.failure import NOTHING_FOUND, Failure
from diagnostics.agent.messages import tr
from diagnostics.agent.nesting import nest
from diagnostics.agent.server import Server

# A launch may have 100,000; nobody reads that table, and each thousand is a request.
MOST_PHASES = 20_000


@dataclass(frozen=True)
class Run:
    """One launch: times in ns; ``phases`` maps a path to (depth, duration), in order of start."""

    id: str
    version: str
    start_time: int
    total: int
    unaccounted: int
    failed: bool
    phases: Mapping[str, "tuple[int, int]"]


@dataclass(frozen=True)
class Row:
    """One phase over the launches; ``phase`` None is the total. Times in ns; ``spread`` is the standard deviation."""

    phase: Optional[str]
    depth: int
    runs: int
    mean: float
    spread: Optional[float]
    share: float
    trend: str

    def document(self) -> Dict[str, Any]:
        named = {trend.RISING: "rising", trend.FALLING: "falling", trend.STEADY: "steady"}
        return {
            "phase": self.phase,
            "depth": self.depth,
            "runs": self.runs,
            "mean_ns": round(self.mean),
            "spread_ns": None if self.spread is None else round(self.spread),
            "share": self.share,
            "trend": named.get(self.trend, "not enough data"),
        }


def from_snapshot(document: Any) -> Run:
    """A snapshot of either form. Raises ValueError for anything else."""
    nested = nest(document)
    phases = {item["path"]: (item["depth"], item["duration_ns"]) for item in nested.items}
    about: Mapping[str, Any] = document if isinstance(document, dict) else {}
    return Run(
        str(about.get("launch_id", "")),
        str(about.get("version", "")),
        nested.start_time,
        nested.total,
        nested.unaccounted,
        nested.failed,
        phases,
    )


def from_server(server: Server, service: str, environment: str, last: int) -> List[Run]:
    """The newest ``last`` parsed launches of a service, oldest first. Raises Failure."""
    query = {"service": service, "limit": last, **({"environment": environment} if environment else {})}
    launches = [item for item in server.get("launches", query)["items"] if item["total_ns"] is not None]
    if not launches:
        raise Failure(tr("{url} knows no launch of “{service}”", url=server.url, service=service), NOTHING_FOUND)
    return [_run(server, launch) for launch in reversed(launches)]


def _run(server: Server, launch: Mapping[str, Any]) -> Run:
    phases: Dict[str, "tuple[int, int]"] = {}
    for phase in sorted(_bounded(server, launch["id"]), key=lambda item: (item["start_time"], item["depth"])):
        phases[phase["path"]] = (phase["depth"], phase["duration_ns"])
    failed = launch["status"] != "success"
    facts = (launch["start_time"], launch["total_ns"], launch["unaccounted_ns"] or 0)
    return Run(launch["id"], launch["version"], *facts, failed, phases)


def _bounded(server: Server, launch: str) -> Iterable[Dict[str, Any]]:
    for number, phase in enumerate(server.items(f"launches/{launch}/phases")):
        if number == MOST_PHASES:
            return
        yield phase


def table(runs: Sequence[Run]) -> List[Row]:
    """Rows in the order the newest launch has them (then those it lacks), after the total and the unaccounted time."""
    good = [run for run in runs if not run.failed]
    if not good:
        raise Failure(
            tr("none of the {count} launches became ready: there is no mean to show", count=len(runs)), NOTHING_FOUND
        )
    totals = [run.total for run in good]
    rows = [_row(None, 0, totals, totals)]
    for path, depth in _paths(good).items():
        with_it = [run for run in good if path in run.phases]
        rows.append(_row(path, depth, [run.phases[path][1] for run in with_it], [run.total for run in with_it]))
    rows.append(_row("", 0, [run.unaccounted for run in good], totals))
    return rows


def _paths(runs: Sequence[Run]) -> Dict[str, int]:
    """Path → depth. A vanished phase follows its parent's family, so that the tree still reads as one."""
    ordered: Dict[str, int] = {}
    for run in reversed(runs):
        for path, (depth, _) in run.phases.items():
            ordered.setdefault(path, depth)
    families: Dict[str, int] = {}
    for path, depth in ordered.items():
        if depth == 0:
            families[path] = len(families)
    roots = {path: families.get(path.partition("/")[0], len(families)) for path in ordered}
    return dict(sorted(ordered.items(), key=lambda entry: roots[entry[0]]))


def _row(phase: Optional[str], depth: int, durations: Sequence[int], totals: Sequence[int]) -> Row:
    whole = sum(totals)
    return Row(
        phase,
        depth,
        len(durations),
        mean(durations),
        stdev(durations) if len(durations) > 1 else None,
        sum(durations) / whole if whole else 0.0,
        trend.arrow(durations),
    )
