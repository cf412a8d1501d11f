"""Samples the host while a launch is recorded: evidence for hosts where no sar runs.

The artifact ``host-samples``, one JSON document::

    {"schema": 1, "launch_id": "uuid", "interval_ns": 1000000000,
     "host": {"name": "gpu-07", "boot_id": "…", "boot_time": 1764000000000000000, "cpus": 96},
     "times": [1764000000500000000, 1764000001500000000],
     "series": [{"metric": "cpu.iowait", "instance": "all", "values": [12.5, null]},
                {"metric": "disk.read_kb", "instance": "nvme0n1", "values": [901120.0, 850000.0]}]}

``values`` has a number, or null where there was none, for each of ``times`` (ns, the end of the interval that the value
speaks of; intervals grow in long launches, so take the distance of two times, not ``interval_ns``, the first one).
Metrics are those of sar (``cpu.*`` and ``pressure.*`` in percent of the interval, ``*_kb`` of disks and networks in
kB/s, counters per second), and two groups of the agent's own: ``process.*`` with the instance ``launch``, the recorded
processes together (``cpu_percent`` of one CPU, ``rss_kb``, ``read_kb`` and ``write_kb`` per second to and from storage,
``major_faults`` per second, ``threads``, ``processes``), and ``cgroup.*``, the group they run in (``cpu_percent``,
``throttled_percent`` of the time, ``memory_kb``, ``memory_percent`` of the limit, ``oom_kills`` so far).
"""

from __future__ import annotations

import os
import threading
import time
from array import array
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from diagnostics.agent import host_counters, process_tree
from diagnostics.agent.cgroup import ControlGroup

NAN = float("nan")
Key = Tuple[str, str]
# Beyond so many samples the interval doubles: an hour of launch stays a small file.
_BEFORE_SLOWER = 1_000
_LEAST_INTERVAL = 0.1


class HostSamples:
    """Samples in a thread of its own from ``start`` to ``stop``; ``watch`` names the process that is the launch."""

    def __init__(self, interval: float = 1.0, proc: Path = process_tree.PROC) -> None:
        self.times: List[int] = []
        self._interval = max(interval, _LEAST_INTERVAL)
        self._first_interval = self._interval
        self._proc = proc
        self._values: Dict[Key, "array[float]"] = {}
        self._before: Optional[Tuple[float, Dict[Key, float]]] = None
        self._pid: Optional[int] = None
        self._cgroup: Optional[ControlGroup] = None
        self._memory_limit = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="host-samples", daemon=True)

    def start(self) -> None:
        self.sample()
        self._thread.start()

    def watch(self, pid: int) -> None:
        self._cgroup = ControlGroup(pid, self._proc)
        self._memory_limit = self._cgroup.limits().get("memory_bytes", 0)
        self._pid = pid

    def stop(self) -> None:
        """End sampling with a last sample, so that the final moments are covered too."""
        self._done.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self.sample()

    def sample(self) -> None:
        """Read everything once. The first reading gives no sample: rates need two."""
        now, clock = time.time_ns(), time.monotonic()
        counters, gauges = self._counters(), self._gauges()
        if self._before is not None and clock > self._before[0]:
            rates = _rates(counters, self._before[1], clock - self._before[0])
            self._keep(now, {**gauges, **rates})
        self._before = (clock, counters)

    def document(self, launch_id: str, host: Dict[str, Any]) -> Dict[str, Any]:
        """The artifact. Disks and interfaces that stood still all the time are left out."""
        series = [
            {"metric": metric, "instance": instance, "values": [_rounded(value) for value in values]}
            for (metric, instance), values in sorted(self._values.items())
            if not metric.startswith(("disk.", "network.")) or self._moved(instance)
        ]
        return {
            "schema": 1,
            "launch_id": launch_id,
            "interval_ns": int(self._first_interval * 10**9),
            "host": {**host, "cpus": os.cpu_count()},
            "times": self.times,
            "series": series,
        }

    def _run(self) -> None:
        while not self._done.wait(self._interval):
            self.sample()
            if len(self.times) % _BEFORE_SLOWER == 0:
                self._interval *= 2

    def _keep(self, now: int, values: Dict[Key, float]) -> None:
        for key in values:
            if key not in self._values:
                self._values[key] = array("d", [NAN] * len(self.times))
        self.times.append(now)
        for key, series in self._values.items():
            series.append(values.get(key, NAN))

    def _moved(self, instance: str) -> bool:
        watched = ("disk.tps", "network.rx_packets", "network.tx_packets")
        return any(value > 0 for metric in watched for value in self._values.get((metric, instance), ()))

    def _gauges(self) -> Dict[Key, float]:
        gauges = {**host_counters.tasks(self._proc), **host_counters.memory(self._proc)}
        found = {(metric, "all"): value for metric, value in gauges.items()}
        used = self._cgroup.memory_bytes() if self._cgroup else None
        if used is not None and self._cgroup:
            found["cgroup.memory_kb", "launch"] = used / 1024
            if self._memory_limit:
                found["cgroup.memory_percent", "launch"] = 100 * used / self._memory_limit
        return found

    def _counters(self) -> Dict[Key, float]:
        """Everything that only grows, scaled so that growth a second is the metric; CPU ticks stay ticks."""
        found: Dict[Key, float] = {
            ("ticks." + name, ""): ticks for name, ticks in host_counters.cpu_ticks(self._proc).items()
        }
        found.update({(name, "all"): count for name, count in host_counters.paging(self._proc).items()})
        # µs of standing still a second → percent.
        found.update({(name, "all"): us / 10**4 for name, us in host_counters.pressure(self._proc).items()})
        for name, disk in host_counters.disks(self._proc).items():
            found.update({(metric, name): value for metric, value in _disk(disk).items()})
        for name, (rx, rx_packets, tx, tx_packets) in host_counters.interfaces(self._proc).items():
            found.update({("network.rx_kb", name): rx / 1024, ("network.tx_kb", name): tx / 1024})
            found.update({("network.rx_packets", name): rx_packets, ("network.tx_packets", name): tx_packets})
        found.update(self._launch())
        return found

    def _launch(self) -> Dict[Key, float]:
        if self._pid is None or self._cgroup is None:
            return {}
        found = {("process." + name, "launch"): value for name, value in _processes(self._pid, self._proc).items()}
        group = self._cgroup.counters()
        if "cpu_us" in group:
            found["cgroup.cpu_percent", "launch"] = group["cpu_us"] / 10**4
        if "throttled_us" in group:
            found["cgroup.throttled_percent", "launch"] = group["throttled_us"] / 10**4
        if "oom_kills" in group:
            found["cgroup.oom_kills", "launch"] = group["oom_kills"]
        return found


# These are told as they are, not as growth a second.
_LEVELS = ("process.rss_kb", "process.threads", "process.processes", "cgroup.oom_kills")


def _processes(pid: int, proc: Path) -> Dict[str, float]:
    pids = process_tree.descendants(pid, proc)
    alive = [process for process in (process_tree.read(one, proc) for one in pids) if process]
    storage = [process_tree.storage_bytes(process.pid, proc) for process in alive]
    return {
        "cpu_percent": 100 * sum(process.cpu_seconds for process in alive),
        "major_faults": sum(process.major_faults for process in alive),
        "read_kb": sum(done.get("read_bytes", 0) for done in storage) / 1024,
        "write_kb": sum(done.get("write_bytes", 0) for done in storage) / 1024,
        "rss_kb": sum(process.rss_kb for process in alive),
        "threads": sum(process.threads for process in alive),
        "processes": len(alive),
    }


def _disk(counts: List[int]) -> Dict[str, float]:
    reads, read_sectors, read_ms, writes, written_sectors, write_ms, busy_ms, queued_ms = counts
    return {
        "disk.tps": reads + writes,
        "disk.read_kb": read_sectors / 2,
        "disk.write_kb": written_sectors / 2,
        "disk.util_percent": busy_ms / 10,
        "disk.queue": queued_ms / 1000,
        "wait_ms": read_ms + write_ms,
    }


def _rates(now: Dict[Key, float], before: Dict[Key, float], seconds: float) -> Dict[Key, float]:
    grown = {key: value - before[key] for key, value in now.items() if key in before}
    # A process that ended takes its counters with it: a sum that falls tells nothing of the interval.
    rates = {key: growth / seconds for key, growth in grown.items() if growth >= 0 and not _internal(key)}
    rates.update({key: value for key, value in now.items() if key[0] in _LEVELS})
    rates.update(_cpu({key[0][6:]: growth for key, growth in grown.items() if key[0].startswith("ticks.")}))
    for (metric, disk), waited in grown.items():
        if metric == "wait_ms":
            done = grown["disk.tps", disk]
            rates["disk.await_ms", disk] = waited / done if done > 0 else 0.0
    return rates


def _internal(key: Key) -> bool:
    return key[0].startswith("ticks.") or key[0] == "wait_ms"


def _cpu(ticks: Dict[str, float]) -> Dict[Key, float]:
    total = sum(ticks.values())
    if total <= 0:
        return {}
    return {(f"cpu.{name}", "all"): 100 * max(0.0, spent) / total for name, spent in ticks.items()}


def _rounded(value: float) -> Optional[float]:
    # NaN alone is not itself, and JSON has no word for it.
    return None if value != value else round(value, 3)
