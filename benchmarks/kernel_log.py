"""How fast kernel logs are read: a raw ``dmesg`` and a ``kern.log`` of half a million lines, on one core.

``python -m benchmarks.kernel_log FILE`` reads one file in a process of its own and tells lines, CPU seconds and memory.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.instance import Instance
from benchmarks.machine import peak_memory
from benchmarks.measurement import Measurement
from diagnostics.parsers import Hints, Source
from diagnostics.parsers.kernel_log import parse

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / "tests/data/kernel-log/rec-dmesg.txt"
LINES, TIMES, BAR = 500_000, 3, 200_000.0
BOOTED = datetime(2026, 11, 1, tzinfo=UTC)
RECEIVED = 1_795_500_000_000_000_000
APART = 4_000  # seconds from one copy of the recording to the next


@dataclass(frozen=True, slots=True)
class Read:
    """One form of log: our lines/s, the yardstick's, and the highest mark of the process, MB."""

    rate: float
    yardstick: float
    peak: float


def measure(_: Instance) -> Iterator[Measurement]:
    """``parse.kernel-log``: lines/s of the slower form, per core."""
    with tempfile.TemporaryDirectory() as folder:
        read = {form.__name__: _read(Path(folder) / form.__name__, form) for form in (raw, syslog)}
    slower = min(read.values(), key=lambda one: one.rate)
    extra = {f"{name}_lines_s": round(one.rate) for name, one in read.items()}
    extra |= {"lines": LINES, "memory_mb": round(max(one.peak for one in read.values()))}
    what = "awk '{print $NF}' on the same file"
    yield Measurement("parse.kernel-log", slower.rate, "lines/s", slower.yardstick, what, BAR, "rate", extra)


def raw(since_boot: float, text: str) -> str:
    """As ``dmesg`` prints a message."""
    return f"[{since_boot:12.6f}] {text}\n"


def syslog(since_boot: float, text: str) -> str:
    """As rsyslog writes it into ``kern.log``."""
    return f"{BOOTED + timedelta(seconds=since_boot):%b %e %H:%M:%S} gpu-07 kernel: [{since_boot:12.6f}] {text}\n"


def write(path: Path, form: Callable[[float, str], str], lines: int) -> None:
    """The recorded messages over and over, their times going on."""
    recorded = [(float(line[1:13]), line[15:]) for line in RECORDED.read_text().splitlines()]
    with path.open("w") as file:
        for n in range(lines):
            copy, message = divmod(n, len(recorded))
            file.write(form(recorded[message][0] + copy * APART, recorded[message][1]))


def _read(path: Path, form: Callable[[float, str], str]) -> Read:
    write(path, form, LINES)
    told = [json.loads(_run([sys.executable, "-m", "benchmarks.kernel_log", str(path)])) for _ in range(TIMES)]
    ours = statistics.median(one["seconds"] for one in told)
    return Read(LINES / ours, LINES / _awk_seconds(path), max(one["memory_mb"] for one in told))


def _awk_seconds(path: Path) -> float:
    """CPU seconds, as ours are: others at work on the machine take none of either."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    seconds = []
    for _ in range(TIMES):
        before = used()
        _run(["env", "LC_ALL=C", "awk", "{print $NF}", str(path)])
        seconds.append(used() - before)
    return statistics.median(seconds)


def _run(command: list[str]) -> bytes:
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout


def read_alone(path: Path) -> dict[str, float]:
    """Read a file to its end, in this process."""
    began = time.process_time()
    records = sum(1 for _ in parse(Source(lambda: path.open("rb")), Hints(received_at=RECEIVED)))
    seconds = time.process_time() - began
    peak = peak_memory(os.getpid())
    return {"records": records, "seconds": seconds, "memory_mb": peak}


if __name__ == "__main__":
    print(json.dumps(read_alone(Path(sys.argv[1]))))
