"""How fast sar's text is read: days of ``sar -A`` every ten minutes, one after the other, on one core.

``rec-main.A.C.txt.gz`` is a recording of 40 samples (sysstat 12.6.1, 2 CPUs, 36 interrupts, recorded for the project's
collection); a day here has 144, the recorded ones over and over. ``python -m benchmarks.sar FILE`` reads one file in a
process of its own and tells CPU seconds and memory.

The bar is a quarter of the speed at which awk prints the last word of every line. This file is read at a fifth of it
(65 to 75 beside 360 MB/s), days of 14 CPUs, whose rows are shorter, at a fifth to a quarter (80 beside 310 MB/s).
Where the CPU time of this file goes, by leaving out one step after the other: bytes to text 4 %, parting sections and
counting lines 17 %, finding the section and the time of 600 blocks a day 16 %, checking characters and making numbers
of them (numpy) 40 %, lists of 2.3 million floats and their series 23 %. Line by line it would be 9 MB/s; ``str.split``
alone takes twice as long to find the words as awk for all it does.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from benchmarks.instance import Instance
from benchmarks.machine import peak_memory
from benchmarks.measurement import Measurement
from diagnostics.parsers import Hints, Source
from diagnostics.parsers.sar import parse

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / "benchmarks/rec-main.A.C.txt.gz"
DAYS, SAMPLES, TIMES, BAR = 36, 144, 5, 0.25
FIRST = date(2026, 10, 13)
RECEIVED = 1_795_500_000_000_000_000


def measure(_: Instance) -> Iterator[Measurement]:
    """``parse.sar``: MB/s beside those of awk, which only finds the last word of each line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sar.txt"
        write(path, DAYS)
        size = path.stat().st_size / 1e6
        # By turns, so that a machine that is slow for a while is slow for both.
        turns = [(_alone(path), _awk_seconds(path)) for _ in range(TIMES)]
    ours = statistics.median(told["seconds"] for told, _ in turns)
    awk = statistics.median(seconds for _, seconds in turns)
    extra = {"mb": round(size, 1), "values": turns[0][0]["values"], "memory_mb": round(turns[0][0]["memory_mb"])}
    yield Measurement(
        "parse.sar", size / ours, "MB/s", size / awk, "awk '{print $NF}' on the same file", BAR, "ratio", extra
    )


def write(path: Path, days: int) -> None:
    """So many days, each a report of its own, as ``cat sar*`` gives them."""
    heading, *sections = gzip.decompress(RECORDED.read_bytes()).decode().strip().split("\n\n")
    alike = groupby(sections, key=lambda section: section.split("\n")[0][8:])
    day = "\n\n".join(_section(header, list(of)) for header, of in alike)
    with path.open("w") as file:
        for n in range(days):
            file.write(f"{heading.replace('11/23/26', f'{FIRST + timedelta(n):%m/%d/%y}')}\n\n{day}\n\n")


def _section(header: str, recorded: list[str]) -> str:
    """A day of a section: its samples over and over, ten minutes apart, the header as often as sar repeats it."""
    rows = [row for section in recorded for row in section.split("\n")[1:]]
    samples = [[row[8:] for row in of] for key, of in groupby(rows, key=lambda row: row[:8]) if key[:1].isdigit()]
    if not samples:
        return "\n\n".join(recorded)
    lines = [_stamp(0) + header]
    for n in range(1, SAMPLES):
        lines += ["", _stamp(n - 1) + header] if len(recorded) > 1 and n > 1 else []
        lines += [_stamp(n) + row for row in samples[n % len(samples)]]
    return "\n".join([*lines, *(row for row in rows if row.startswith("Average"))])


def _stamp(n: int) -> str:
    return f"{n // 6:02}:{n % 6}0:01"


def _alone(path: Path) -> dict[str, float]:
    told: dict[str, float] = json.loads(_run([sys.executable, "-m", "benchmarks.sar", str(path)]))
    return told


def _awk_seconds(path: Path) -> float:
    """CPU seconds, as ours are: others at work on the machine take none of either."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(["env", "LC_ALL=C", "awk", "{print $NF}", str(path)])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run(command: list[str]) -> bytes:
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout


def read_alone(path: Path) -> dict[str, float]:
    """Read a file to its end, in this process."""
    began, values = time.process_time(), 0
    for record in parse(Source(lambda: path.open("rb")), Hints(received_at=RECEIVED)):
        values += len(getattr(record, "times", ()))
    seconds = time.process_time() - began
    peak = peak_memory(os.getpid())
    return {"values": values, "seconds": seconds, "memory_mb": peak}


if __name__ == "__main__":
    print(json.dumps(read_alone(Path(sys.argv[1]))))
