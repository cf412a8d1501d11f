"""What recording a launch costs the host: CPU and memory of the agent while a program starts under it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from benchmarks.instance import Instance
from benchmarks.machine import peak_memory
from benchmarks.measurement import Measurement

ROOT = Path(__file__).parents[1]
CPU_BAR, MEMORY_BAR = 1.0, 30.0
LOOK_EVERY = 0.1
# A server that works half of the time and says so ten times a second, for half a minute.
PROGRAM = """
import time
end = time.monotonic() + 30
while time.monotonic() < end:
    until = time.monotonic() + 0.05
    while time.monotonic() < until: pass
    print("step", time.monotonic(), flush=True)
    time.sleep(0.05)
print("server is ready", flush=True)
"""


def measure(_: Instance) -> Iterator[Measurement]:
    """``agent.cpu``, percent of one CPU; ``agent.memory``, its highest mark."""
    with tempfile.TemporaryDirectory() as folder:
        agent = [sys.executable, "-m", "diagnostics.agent", "dump-launch-sequence", "--output", f"{folder}/s.json"]
        environment = {"PYTHONPATH": str(ROOT), "LAUNCHSCOPE_SPOOL": folder, "PATH": "/usr/bin:/bin"}
        seen = _watched([*agent, "--", sys.executable, "-c", PROGRAM], environment)
    bare = _bare_interpreter()
    told = {"seconds": round(seen.seconds, 1)}
    yield Measurement("agent.cpu", seen.cpu, "%", seen.program_cpu, "the program itself", CPU_BAR, extra=told)
    yield Measurement("agent.memory", seen.peak, "MB", bare, "an interpreter that waits", MEMORY_BAR)


class _Watched:
    """CPU in percent of one CPU over ``seconds``, memory in MB."""

    def __init__(self) -> None:
        self.cpu = self.program_cpu = self.peak = self.seconds = 0.0


def _watched(command: list[str], environment: Mapping[str, str]) -> _Watched:
    """CPU of a command while its first child runs; its memory until it has ended itself."""
    seen = _Watched()
    with subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL) as process:
        agent = psutil.Process(process.pid)
        while not (children := agent.children()):
            time.sleep(LOOK_EVERY / 10)
        began, before = time.monotonic(), _cpu_seconds(agent)
        while process.poll() is None:
            if _runs(children[0]):
                seen.seconds = max(time.monotonic() - began, LOOK_EVERY)
                seen.cpu = 100 * (_cpu_seconds(agent) - before) / seen.seconds
                seen.program_cpu = 100 * _cpu_seconds(children[0]) / seen.seconds
            seen.peak = max(seen.peak, peak_memory(process.pid))
            time.sleep(LOOK_EVERY / 10)
    return seen


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _bare_interpreter() -> float:
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as process:
        time.sleep(0.5)
        peak = peak_memory(process.pid)
        process.communicate(b"\n")
    return peak
