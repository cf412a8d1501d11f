"""CPU and disks between two blocks, as the samples that sar would have told."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator

from diagnostics.records import NS_PER_SECOND, SampleSeries

MOST = 200_000
SECTOR = 512
_CPU = ("user", "nice", "system", "idle", "iowait")
_DISK = re.compile(r"(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+|dm-\d+|md\d+)")


class _Readings:
    def __init__(self) -> None:
        self._series: dict[tuple[str, str], tuple[array[int], array[float]]] = {}
        self._count = 0

    def _add(self, metric: str, instance: str, time: int, value: float) -> None:
        if self._count < MOST:
            self._count += 1
            times, values = self._series.setdefault((metric, instance), (array("q"), array("d")))
            times.append(time)
            values.append(round(value, 3))

    def series(self, shift: int) -> Iterator[SampleSeries]:
        for (metric, instance), (times, values) in self._series.items():
            yield SampleSeries(metric, instance, [time + shift for time in times], values.tolist())


class Usage(_Readings):
    """Lines of ``/proc/stat``; those of single CPUs and of other things are left aside."""

    def __init__(self) -> None:
        super().__init__()
        self._before: list[int] | None = None

    def take(self, time: int, line: str) -> bool:
        if not line.startswith("cpu "):
            return True
        try:
            told = [int(value) for value in line.split()[1:9]]
        except ValueError:
            return False
        if len(told) < len(_CPU):
            return False
        before, self._before = self._before, told
        passed = [now - then for now, then in zip(told, before or told, strict=False)]
        # No time has passed in two blocks at once, and counters may have been set back.
        if sum(passed) > 0 and min(passed) >= 0:
            for name, ticks in zip(_CPU, passed, strict=False):
                self._add(f"cpu.{name}", "all", time, 100 * ticks / sum(passed))
        return True


class Disks(_Readings):
    """Lines of ``/proc/diskstats``, of whole disks."""

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, tuple[int, list[int]]] = {}

    def take(self, time: int, line: str) -> bool:
        told = line.split()
        if len(told) < 13:
            return len(told) == 7  # partitions of old kernels have fewer counters
        if not _DISK.fullmatch(told[2]):
            return True
        try:
            counters = [int(told[5]), int(told[9]), int(told[12])]
        except ValueError:
            return False
        then, before = self._before.get(told[2], (time, counters))
        self._before[told[2]] = (time, counters)
        passed = [now - was for now, was in zip(counters, before, strict=True)]
        if time > then and min(passed) >= 0:
            seconds = (time - then) / NS_PER_SECOND
            self._add("disk.read_kb", told[2], time, passed[0] * SECTOR / 1024 / seconds)
            self._add("disk.write_kb", told[2], time, passed[1] * SECTOR / 1024 / seconds)
            self._add("disk.util_percent", told[2], time, min(passed[2] / 10 / seconds, 100))
        return True
