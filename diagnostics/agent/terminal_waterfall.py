"""A waterfall for a terminal: one line a phase, its bar on a common time axis, the bottleneck marked.

::

                                  0 s                          2 m 43.4 s
    scheduling            12.0 s  ███▎
    image-pull            31.4 s     ▕███████▌
    model-init          1 m 40 s              ▕███████████████████████████  ◀ bottleneck
    (no phase)            2.1 s      ░
"""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence, Tuple

from diagnostics.agent.messages import tr
from diagnostics.agent.tables import RIGHT, clean, cut, pad, width
from diagnostics.agent.units import duration, percent

Entry = Mapping[str, Any]
_LEAST_BAR = 20
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def draw(items: Sequence[Entry], columns: int, most: int = 40, ascii_only: bool = False) -> str:
    """``items`` as the API gives phases (``phase, depth, start_time, duration_ns, self_ns, critical, status``).

    Lines of at most ``columns`` cells. Beyond ``most`` phases the critical and the longest are shown, and the number of
    the others is told.
    """
    if not items:
        return tr("There is no phase to draw.")
    ordered = sorted(items, key=lambda item: (item["start_time"], item.get("depth", 0), -item["duration_ns"]))
    shown = _most_telling(ordered, most)
    start = min(item["start_time"] for item in items)
    end = max(item["start_time"] + item["duration_ns"] for item in items)
    slowest = bottleneck(items)
    names = [_name(item) for item in shown]
    marks = [_mark(item, slowest, ascii_only) for item in shown]
    times = [duration(item["duration_ns"]) for item in shown]
    room = columns - 4 - max(map(width, times)) - max(map(width, marks))
    label = min(max(map(width, names)), max(8, room - _LEAST_BAR), max(8, room // 2))
    bar = max(1, room - label)
    lines = [_axis(start, end, label + 4 + max(map(width, times)), bar)]
    for item, name, took, mark in zip(shown, names, times, marks):
        drawn = _bar(item, start, end, bar, ascii_only)
        fields = [pad(cut(name, label), label), pad(took, max(map(width, times)), RIGHT), drawn + mark]
        lines.append("  ".join(fields).rstrip())
    return "\n".join([*lines, *_left_out(len(items) - len(shown))])


def bottleneck(items: Sequence[Entry]) -> Optional[Entry]:
    """The phase that itself, without those inside it, takes most of the critical path (of all, where none is known)."""
    candidates = [item for item in items if item.get("critical")] or list(items)
    return max(
        candidates, key=lambda item: (int(item.get("self_ns", item["duration_ns"])), -item["start_time"]), default=None
    )


def bottleneck_sentence(items: Sequence[Entry], slowest: Entry) -> str:
    """What the bottleneck costs, in words."""
    start = min(item["start_time"] for item in items)
    whole = max(1, max(item["start_time"] + item["duration_ns"] for item in items) - start)
    own = int(slowest.get("self_ns", slowest["duration_ns"]))
    name = clean(str(slowest.get("path") or slowest["phase"]))
    return tr("Bottleneck: {name}, {own} of {whole} ({share})",
              name=name, own=duration(own), whole=duration(whole), share=percent(own / whole))  # fmt: skip


def _most_telling(ordered: Sequence[Entry], most: int) -> List[Entry]:
    if len(ordered) <= most:
        return list(ordered)
    ranked = sorted(range(len(ordered)), key=lambda i: (not ordered[i].get("critical"), -ordered[i]["duration_ns"]))
    return [ordered[i] for i in sorted(ranked[:most])]


def _name(item: Entry) -> str:
    lane = f" @{item['lane']}" if item.get("lane") else ""
    return "  " * min(int(item.get("depth", 0)), 8) + clean(str(item["phase"])) + clean(lane)


def _mark(item: Entry, slowest: Optional[Entry], ascii_only: bool) -> str:
    words = [tr("failed")] if item.get("status") == "failed" else []
    if item is slowest:
        words.insert(0, ("< " if ascii_only else "◀ ") + tr("bottleneck"))
    return "  " + ", ".join(words) if words else ""


def _axis(start: int, end: int, indent: int, bar: int) -> str:
    whole = duration(end - start)
    return " " * indent + "0 s" + pad(whole, bar - 3, RIGHT)


def _bar(item: Entry, start: int, end: int, bar: int, ascii_only: bool) -> str:
    """The bar to an eighth of a cell; however short the phase, something is drawn."""
    first, last = _eighths(item, start, end, bar)
    if ascii_only:
        left, right = first // 8, max(-(-last // 8), first // 8 + 1)
        body = " " * left + ("=" if item.get("critical", True) else "-") * (right - left)
        return pad(body, bar)
    cell, offset = divmod(first, 8)
    # Blocks grow from the left: what is short and late in its cell is drawn as the right half.
    if last <= (cell + 1) * 8:
        drawn = _EIGHTHS[max(1, last - first)] if offset < 5 else "▐"
        return pad(" " * cell + drawn, bar)
    full, rest = divmod(last, 8)
    head = "█" if offset < 3 else "▐"
    return pad(" " * cell + head + "█" * (full - cell - 1) + _EIGHTHS[rest].strip(), bar)


def _eighths(item: Entry, start: int, end: int, bar: int) -> Tuple[int, int]:
    span = max(1, end - start)
    scale = bar * 8
    first = (item["start_time"] - start) * scale // span
    last = -(-(item["start_time"] + item["duration_ns"] - start) * scale // span)
    return min(first, scale - 1), max(last, first + 1)


def _left_out(count: int) -> List[str]:
    return [tr("… and {count} shorter phases", count=count)] if count > 0 else []
