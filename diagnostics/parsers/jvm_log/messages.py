"""What the JVM says of its start and of its garbage collections."""

from __future__ import annotations

import re
from typing import NamedTuple

from diagnostics.parsers.amounts import nanoseconds
from diagnostics.parsers.jvm_log.decorations import Line
from diagnostics.records import NS_PER_SECOND

_STARTED = re.compile(r"(?P<name>[A-Z][^,:]{2,120}?)(?:, (?P<secs>\d+\.\d+) secs|: (?P<ms>\d+\.\d+) ?ms)")
_SIZE = r"\d+(?:\.\d+)?[BKMGT]?"
_HEAP = rf"(?P<before>{_SIZE})(?:\(\d+%\))?->(?P<after>{_SIZE})(?:\(\d+%\))?(?:\((?P<capacity>{_SIZE})\))?"
_COLLECTED = re.compile(
    rf"GC\((?P<number>\d+)\) (?P<name>.+?)(?: (?:{_HEAP}))?(?: (?P<took>\d+(?:[.,]\d+)?)(?P<unit>ms|s))?"
)
_CLASSIC = re.compile(rf"\[(?P<name>(?:Full )?GC(?: ?\([^)]*\))*)[^>]*?.*? {_HEAP}.*?,? (?P<took>\d+[.,]\d+) secs\]")
_GENERATION = re.compile(r"\[(?!GC|Full GC)[^\[\]]*\],?")
_BYTES = {"B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_ABOUT = {
    "Version": "jvm_version",
    "CPUs": "cpus",
    "Memory": "memory",
    "Heap Min Capacity": "heap_min",
    "Heap Initial Capacity": "heap_initial",
    "Heap Max Capacity": "heap_max",
    "Parallel Workers": "parallel_workers",
    "Concurrent Workers": "concurrent_workers",
}
_USING = re.compile(
    r"Using (?P<name>G1|Serial|Parallel|The Z Garbage Collector|Shenandoah\b.*|Epsilon|Concurrent Mark Sweep)"
)


class Started(NamedTuple):
    name: str
    took: int


class Collected(NamedTuple):
    """A collection, or a stage of one; sizes are bytes, ``None`` where the line has none."""

    name: str
    reason: str
    took: int
    number: int | None
    before: int | None
    after: int | None
    capacity: int | None

    @property
    def is_pause(self) -> bool:
        """Whether the program stood still meanwhile; a concurrent collection runs beside it."""
        return self.name.startswith(("Pause", "GC", "Full GC"))


def started(line: Line) -> Started | None:
    match = _STARTED.fullmatch(line.message)
    if match is None or (line.tags and "startuptime" not in line.tags):
        return None
    took = nanoseconds(match["secs"], NS_PER_SECOND) if match["secs"] else nanoseconds(match["ms"], 1_000_000)
    return None if took is None else Started(match["name"].strip(), took)


def collected(line: Line) -> Collected | None:
    """A line that says how long a collection took; those that say that one begins do not."""
    # Java 8 prints each generation's sizes in brackets of their own, before the whole heap's.
    whole = _GENERATION.sub("", line.message) if line.message.startswith("[") else line.message
    match = _CLASSIC.match(whole) or _COLLECTED.fullmatch(whole)
    if match is None or not match["took"]:
        return None
    told = match.groupdict()
    name = told["name"].strip()
    # ZGC's and Shenandoah's stages of a collection are lines of their own; of others only the whole is a phase.
    if told.get("number") and not name.startswith(("Pause", "Concurrent", "Garbage Collection", "Major", "Minor")):
        return None
    unit = NS_PER_SECOND if told.get("unit", "s") == "s" else 1_000_000
    took = nanoseconds(told["took"].replace(",", "."), unit)
    reasons = re.findall(r"\(([^()]*(?:\(\))?)\)", name)
    plain = re.sub(r"\s*\([^()]*(?:\(\)[^()]*)?\)", "", name).strip()
    number = int(told["number"]) if told.get("number") else None
    sizes = [_bytes(told[key]) for key in ("before", "after", "capacity")]
    return None if took is None else Collected(plain, reasons[-1] if reasons else "", took, number, *sizes)


def about(line: Line) -> tuple[str, str] | None:
    """A setting that the collector prints when it begins, by the name of its fact."""
    using = _USING.match(line.message)
    if using:
        return "collector", using["name"]
    name, colon, value = line.message.partition(": ")
    return (_ABOUT[name], value.strip()[:100]) if colon and name in _ABOUT else None


def size(text: str) -> int | None:
    """``10M`` in bytes."""
    return _bytes(text) if re.fullmatch(_SIZE, text) else None


def _bytes(text: str | None) -> int | None:
    if not text:
        return None
    unit = text[-1] if text[-1] in _BYTES else "B"
    return nanoseconds(text.rstrip("BKMGT"), _BYTES[unit])
