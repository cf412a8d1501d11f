"""Events of logs as markers: colour and shape say what each is about, and where they are dense one stands for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.charts import duration, labels
from diagnostics.charts.rows import Frame
from diagnostics.charts.theme import token
from diagnostics.records import NS_PER_SECOND, Category

APART = 24  # pixels: a marker, and the number beside it


@dataclass(frozen=True, slots=True)
class Look:
    """How a category is drawn and called; the first of ``LOOKS`` are the worst."""

    words: str
    color: str
    symbol: str


LOOKS: Mapping[Category, Look] = {
    Category.OOM_KILL: Look("OOM kill", "failed", "x"),
    Category.MCE: Look("machine check", "failed", "star"),
    Category.GPU: Look("GPU error", "failed", "hexagram"),
    Category.SOFT_LOCKUP: Look("soft lockup", "failed", "hourglass"),
    Category.SEGFAULT: Look("segfault", "failed", "cross"),
    Category.IO_ERROR: Look("I/O error", "regressed", "diamond"),
    Category.FILESYSTEM: Look("file system", "regressed", "square"),
    Category.NVME: Look("NVMe", "regressed", "diamond-tall"),
    Category.HUNG_TASK: Look("hung task", "regressed", "bowtie"),
    Category.BACKOFF: Look("back-off", "regressed", "triangle-left"),
    Category.PROBE_FAILED: Look("probe failed", "regressed", "triangle-down"),
    Category.THROTTLE: Look("throttled", "regressed", "triangle-up"),
    Category.LINK: Look("link", "series-5", "triangle-right"),
    Category.SCHEDULING: Look("scheduling", "series-4", "pentagon"),
    Category.IMAGE_PULL: Look("image pull", "series-4", "star-diamond"),
    Category.CONTAINER: Look("container", "phase", "square"),
    Category.ENGINE: Look("engine", "phase", "circle"),
    Category.INITCALL: Look("driver start", "unaccounted", "circle"),
    Category.OTHER: Look("other line", "unaccounted", "line-ns-open"),
}
_RANK = {category: rank for rank, category in enumerate(LOOKS)}
# What logs say all the time: no number stands beside it.
QUIET = (Category.CONTAINER, Category.ENGINE, Category.INITCALL, Category.OTHER)


@dataclass(frozen=True, slots=True)
class Mark:
    """One event, or ``count`` of one category that storage counted together up to ``last`` (ns): the first of them.

    ``precision`` (ns) is what the stamp can be off by; ``lane`` names the row (``Kernel``).
    """

    time: int
    lane: str
    category: Category
    text: str
    artifact: str
    line: int | None = None
    precision: int = 1
    count: int = 1
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Marks too near each other to be told apart; drawn at, and as, the worst of them."""

    worst: Mark
    counts: Mapping[Category, int]
    first: int
    last: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def clusters(marks: Sequence[Mark], frame: Frame) -> list[Cluster]:
    """Marks of one lane in groups no wider than ``APART`` pixels, but for what storage counted together."""
    found: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.time):
        if found and mark.time - found[-1][0].time <= APART * frame.pixel:
            found[-1].append(mark)
        else:
            found.append([mark])
    return [_cluster(group) for group in found]


def _cluster(group: Sequence[Mark]) -> Cluster:
    counts: Counter[Category] = Counter()
    for mark in group:
        counts[mark.category] += mark.count
    worst = min(group, key=lambda mark: (_RANK[mark.category], mark.time))
    last = max(mark.last or mark.time for mark in group)
    return Cluster(worst, dict(counts), group[0].time, last)


def lanes(marks: Sequence[Mark]) -> list[str]:
    """The lanes that have marks, in the order in which they first come."""
    return list(dict.fromkeys(mark.lane for mark in marks))


def traces(marks: Sequence[Mark], frame: Frame, axis: str) -> list[dict[str, Any]]:
    """A trace a category, worst first in the legend, last drawn. ``customdata``: artifact, line, time, count."""
    names = lanes(marks)
    placed = [
        (lane, one)
        for lane, name in enumerate(names)
        for one in clusters([mark for mark in marks if mark.lane == name], frame)
    ]
    present = sorted({one.worst.category for _, one in placed}, key=_RANK.__getitem__)
    by_category = [[item for item in placed if item[1].worst.category == category] for category in present]
    return [_trace(members, frame, axis) for members in reversed(by_category)]


def _trace(placed: Sequence[tuple[int, Cluster]], frame: Frame, axis: str) -> dict[str, Any]:
    category = placed[0][1].worst.category
    look, quiet = LOOKS[category], category in QUIET
    counts = [one.total for _, one in placed]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "yaxis": axis,
        "name": look.words,
        "legendrank": 100 + _RANK[category],
        "x": [frame.x(one.worst.time) for _, one in placed],
        "y": [lane for lane, _ in placed],
        # The number beside a marker that stands for several, unless they are ordinary lines.
        "text": ["" if quiet or count == 1 else _short(count) for count in counts],
        "textposition": "middle right",
        "textfont": {"size": 10, "color": token("muted")},
        "cliponaxis": False,
        "marker": {
            "symbol": look.symbol,
            "color": token(look.color),
            "size": 8 if quiet else 12,
            "line": {"width": 1 if look.symbol.endswith("-open") else 0, "color": token(look.color)},
        },
        "hovertext": [_tip(one, frame) for _, one in placed],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [[one.worst.artifact, one.worst.line, str(one.worst.time), one.total] for _, one in placed],
        "meta": {"role": "events"},
    }


def _short(count: int) -> str:
    return str(count) if count < 1000 else f"{count // 1000}k"


def _tip(one: Cluster, frame: Frame) -> str:
    columns = 80 if frame.width >= 640 else 38
    mark = one.worst
    return "<br>".join(
        [
            f"{LOOKS[mark.category].words} · {labels.escape(mark.lane)}",
            labels.wrapped(_cut(mark.text), columns),
            f"{when(mark.time - frame.origin, mark.precision)} · {duration.wall_clock(mark.time)}",
            *_company(one),
            *([f"line {mark.line}: click to read it"] if mark.line is not None else []),
        ]
    )


def when(offset: int, precision: int) -> str:
    """A time since the launch's start, with what it can be off by from a second on: ``+41.0 s ± 1.0 s``."""
    off = f" ± {duration.human(precision)}" if precision >= NS_PER_SECOND else ""
    return duration.signed(offset) + off


def _company(one: Cluster) -> Iterator[str]:
    if one.total == 1:
        return
    others = ", ".join(
        f"{count} {LOOKS[category].words}" for category, count in sorted(one.counts.items(), key=lambda i: _RANK[i[0]])
    )
    yield f"the worst of {one.total} here: {others}"
    yield "zoom in to tell them apart"


def _cut(text: str, most: int = 400) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
