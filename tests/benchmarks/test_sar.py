"""What the bench measures is what the product reads, all of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from benchmarks import sar as bench
from diagnostics.parsers import Hints, Source, collect, sar


def test_measured_days_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "sar.txt"
    bench.write(path, 2)

    parsed = collect(sar.parse(Source(lambda: path.open("rb")), Hints(bench.RECEIVED)))

    assert parsed.lines.skipped == 0
    assert parsed.facts["headings"] == 2
    assert parsed.facts["interval_s"] == 600
    idle = next(one for one in parsed.samples if (one.metric, one.instance) == ("cpu.idle", "all"))
    assert len(idle.times) == 2 * (bench.SAMPLES - 1)
    assert all(a < b for a, b in pairwise(idle.times))
    assert bench.read_alone(path)["values"] == sum(len(one.times) for one in parsed.samples) > 100_000
