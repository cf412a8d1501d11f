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
Span = Tuple[int, int]
_LEAST_BAR = 20
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def draw(
    items: Sequence[Entry], columns: int, most: int = 40, ascii_only: bool = False, span: Optional[Span] = None
) -> str:
    """``items`` as the API gives phases (``phase, depth, start_time, duration_ns, self_ns, critical, status``).

    Lines of at most ``columns`` cells. The axis is ``span`` (start and end of the launch, ns), else that of the phases;
    time that no phase covers has a row of its own. Beyond ``most`` phases the critical and the longest are shown, and
    the number of the others is told.
    """
    if not items:
        return tr("There is no phase to draw.")
    ordered = sorted(items, key=lambda item: (item["start_time"], item.get("depth", 0), -item["duration_ns"]))
    shown = _most_telling(ordered, most)
    start, end = span or _span(items)
    slowest = bottleneck(items)
    gaps = uncovered([_interval(item) for item in items], start, end)
    rows = [(_name(item), item["duration_ns"], _mark(item, slowest, ascii_only)) for item in shown]
    rows += [(tr("(no phase)"), sum(last - first for first, last in gaps), "")] if gaps else []
    times = [duration(took) for _, took, _ in rows]
    beside = max(map(width, times))
    label, bar = _columns(columns - 4 - beside - max(width(mark) for _, _, mark in rows), [name for name, _, _ in rows])
    bars = [_bar(item, start, end, bar, ascii_only) for item in shown]
    bars += [_hatched(gaps, start, end, bar, ascii_only)] if gaps else []
    lines = [_axis(start, end, label + 4 + beside, bar)]
    for (name, _, mark), took, drawn in zip(rows, times, bars):
        lines.append("  ".join([pad(cut(name, label), label), pad(took, beside, RIGHT), drawn + mark]).rstrip())
    return "\n".join([*lines, *_left_out(len(items) - len(shown))])


def uncovered(intervals: Sequence[Span], start: int, end: int) -> List[Span]:
    """The stretches of start..end that no interval covers."""
    gaps, reached = [], start
    for first, last in sorted(intervals):
        if first > reached:
            gaps.append((reached, min(first, end)))
        reached = max(reached, last)
        if reached >= end:
            break
    return [*gaps, (reached, end)] if reached < end else gaps


def _interval(item: Entry) -> Span:
    return int(item["start_time"]), int(item["start_time"] + item["duration_ns"])


def _span(items: Sequence[Entry]) -> Span:
    return min(_interval(item)[0] for item in items), max(_interval(item)[1] for item in items)


def _columns(room: int, names: Sequence[str]) -> Tuple[int, int]:
    """Cells for the names and for the bars."""
    label = min(max(map(width, names)), max(8, room - _LEAST_BAR), max(8, room // 2))
    return label, max(1, room - label)


def bottleneck(items: Sequence[Entry]) -> Optional[Entry]:
    """The phase that itself, without those inside it, takes most of the critical path (of all, where none is known)."""
    candidates = [item for item in items if item.get("critical")] or list(items)
    return max(
        candidates, key=lambda item: (int(item.get("self_ns", item["duration_ns"])), -item["start_time"]), default=None
    )


def bottleneck_sentence(items: Sequence[Entry], slowest: Entry, span: Optional[Span] = None) -> str:
    """What the bottleneck costs, in words; time that no phase covers may be more than any phase."""
    start, end = span or _span(items)
    whole = max(1, end - start)
    own = int(slowest.get("self_ns", slowest["duration_ns"]))
    silent = sum(last - first for first, last in uncovered([_interval(item) for item in items], start, end))
    name = clean(_told(slowest))
    sentence = tr("Bottleneck: {name}, {own} of {whole} ({share})",
                  name=name, own=duration(own), whole=duration(whole), share=percent(own / whole))  # fmt: skip
    if silent <= own:
        return sentence
    return sentence + "\n" + tr("No phase covers {silent} ({share}): more than the bottleneck takes",
                                silent=duration(silent), share=percent(silent / whole))  # fmt: skip


def _told(item: Entry) -> str:
    """The path as people read it: a slash within a name is written ~1 there."""
    path = item.get("path")
    return str(path).replace("~1", "/").replace("~0", "~") if path else str(item["phase"])


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


def _hatched(gaps: Sequence[Span], start: int, end: int, bar: int, ascii_only: bool) -> str:
    """A mark in each cell whose middle no phase covers; one at least, in the longest gap."""
    scale = max(1, end - start)
    longest = max(gaps, key=lambda gap: gap[1] - gap[0])
    marked = {min(bar - 1, ((longest[0] + longest[1]) // 2 - start) * bar // scale)}
    for first, last in gaps:
        # The middle of cell c lies at (2c + 1) / (2 bar) of the axis.
        low = -(-((first - start) * 2 * bar - scale) // (2 * scale))
        high = ((last - start) * 2 * bar - scale) // (2 * scale)
        marked.update(range(max(0, low), min(bar - 1, high) + 1))
    return "".join((":" if ascii_only else "░") if cell in marked else " " for cell in range(bar))


def _eighths(item: Entry, start: int, end: int, bar: int) -> Tuple[int, int]:
    span = max(1, end - start)
    scale = bar * 8
    first = min(max(0, (item["start_time"] - start) * scale // span), scale - 1)
    last = -(-(item["start_time"] + item["duration_ns"] - start) * scale // span)
    return first, min(max(last, first + 1), scale)


def _left_out(count: int) -> List[str]:
    return [tr("… and {count} shorter phases", count=count)] if count > 0 else []
