"""How much memory a worker takes to parse the largest snapshot that is promised to work."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from benchmarks.instance import Instance
from benchmarks.machine import peak_memory
from benchmarks.measurement import Measurement
from benchmarks.snapshots import Launches

PHASES, BAR = 100_000, 400.0
LOOK_EVERY = 0.05  # a child may be replaced right after its task, and its mark goes with it


def measure(instance: Instance) -> Iterator[Measurement]:
    """``memory``: the highest mark of any task process while one of them parses and judges."""
    idle = max(_marks(instance).values())
    body = Launches("bench-memory", PHASES).body()
    with _Watch(instance) as watch:
        instance.send(body)
    extra = {"phases": PHASES, "snapshot_mb": round(len(body) / 1e6, 1)}
    yield Measurement("memory", watch.peak, "MB", idle, "the same process before", BAR, extra=extra)


class _Watch:
    """Looks at the task processes' high-water marks until it is left; ``peak`` in MB."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.peak = 0.0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def __enter__(self) -> _Watch:
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.done.set()
        self.thread.join()

    def _look(self) -> None:
        while not self.done.wait(LOOK_EVERY):
            self.peak = max([self.peak, *_marks(self.instance).values()])


def _marks(instance: Instance) -> dict[int, float]:
    """MB by process id."""
    return {process.pid: peak_memory(process.pid) for process in instance.task_processes()}
