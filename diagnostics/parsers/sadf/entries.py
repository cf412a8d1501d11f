"""One entry of ``statistics``, in JSON or XML, as rows: sections by their names, keys and values by theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from diagnostics.parsers.sadf.samples import Samples, number
from diagnostics.parsers.sysstat_columns import IRQ, NAMED, Activity, Column, own_name
from diagnostics.parsers.sysstat_headers import PRODUCT, WORDS, column_of

# In this order: the CPU of an interrupt is no key.
_KEYS = (
    "intr", "cpu", "number", "line", "disk-device", "dev", "iface", "fchost", "name", "filesystem", "fsname", "mountp",
    "mountpoint", "bus_number",
)  # fmt: skip
_ABOUT = frozenset(("per", "unit", "timestamp"))
Row = tuple[Activity, str, list[tuple[Column, float]]]


def rows_of(name: str, node: Any) -> Iterator[Row]:
    """Every row below a node: a mapping's plain values are one, what it holds are others."""
    if isinstance(node, list):
        for item in node:
            yield from rows_of(name, item)
    elif isinstance(node, Mapping):
        plain = {key: value for key, value in node.items() if not isinstance(value, list | Mapping)}
        if row := _row(name, plain):
            yield row
        for key, value in node.items():
            if isinstance(value, list | Mapping) and key not in _ABOUT:
                yield from rows_of(key, value)


def node_of(element: Element) -> Any:
    """An element as JSON would have it: attributes and children that are but a text are plain values."""
    node: dict[str, Any] = dict(element.attrib)
    for child in element:
        name = local_name(child.tag)
        if len(child) or child.attrib:
            node.setdefault(name, []).append(node_of(child))
        elif child.text and child.text.strip():
            node[name] = child.text.strip()
    return node


def local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def stamp_of(stamp: Mapping[str, Any]) -> str:
    """``{"date": "2026-11-23", "time": "11:14:53", "utc": 1}`` as one text; newer versions name the zone in ``tz``.

    9.1 says neither; UTC is what it writes unless told otherwise.
    """
    zone = stamp.get("tz") or ("UTC" if str(stamp.get("utc", 1)) == "1" else "")
    return f"{stamp.get('date', '')} {stamp.get('time', '')} {zone}".strip()


def add_entry(samples: Samples, entry: Mapping[str, Any], line: int, last: int | None) -> int | None:
    """The rows of one entry, at its time; the time, or ``None`` when it has none and is counted as not read."""
    stamp = entry.get("timestamp")
    time = samples.clock.read(stamp_of(stamp), last) if isinstance(stamp, Mapping) else None
    if time is None or not isinstance(stamp, Mapping):
        # sadf -j ends a file without samples, and older ones the list, with an entry of nothing.
        if entry:
            samples.tally.skip(line, str(stamp)[:200])
        return None
    samples.interval(str(stamp.get("interval", "")))
    for row in rows_of("", {key: value for key, value in entry.items() if key != "timestamp"}):
        samples.add(time, *row)
    return time


def add_mark(samples: Samples, kind: str, mark: Mapping[str, Any], line: int) -> None:
    """A restart or a comment: ``{"boot": {…}}``, ``{"comment": {…, "com": "text"}}``."""
    inner = mark.get("boot") or mark.get("comment") or mark
    time = samples.clock.read(stamp_of(inner)) if isinstance(inner, Mapping) else None
    if time is None:
        samples.tally.skip(line, str(mark)[:200])
    elif kind == "restarts":
        cpus = str(inner.get("cpu_count", ""))
        samples.restart(time, line, int(cpus) if cpus.isdigit() else None)
    else:
        samples.comment(time, line, str(inner.get("com", "")))


# The names of a file are few, and each of its samples has them all.
@lru_cache(maxsize=1024)
def _activity(name: str) -> Activity:
    return NAMED.get(name) or Activity(own_name(name) or "other")


@lru_cache(maxsize=8192)
def _column(of: str, name: str) -> Column | None:
    return column_of(_activity(of), name)


def _row(name: str, plain: Mapping[str, Any]) -> Row | None:
    # 9.1 calls a row of frequencies after its CPU, as it does one of its load.
    named = "cpu-frequency" if name == "cpu" and "frequency" in plain else name
    activity = _activity(named)
    key_name = next((key for key in _KEYS if key in plain), "")
    key = str(plain[key_name]) if key_name else ""
    if activity.group == "usb":
        key = ":".join([key, *(str(plain.get(word, "")) for word in PRODUCT)])
    cpu = str(plain.get("cpu", "all"))
    suffix = f"/cpu{cpu}" if activity is IRQ and re.fullmatch(r"\d+", cpu) else ""
    values = []
    for column_name, value in plain.items():
        if column_name == key_name or column_name in _ABOUT or column_name in WORDS or column_name in _KEYS:
            continue
        column = _column(named, column_name)
        found = number(str(value)) if value is not None and not isinstance(value, bool) else None
        if column is not None and found is not None:
            values.append((Column(column.metric, column.factor, suffix) if suffix else column, found))
    return (activity, "all" if key == "-1" else key, values) if values else None
