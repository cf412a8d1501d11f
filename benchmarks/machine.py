"""Which machine the figures are of."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil


def machine() -> str:
    """``2 × AMD EPYC 9R14, 24 GB, Linux 6.8.0, Python 3.11.2``."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = round(psutil.virtual_memory().total / 1e9)
    system = f"{platform.system()} {platform.release()}"
    return f"{cores} × {_processor()}, {memory} GB, {system}, Python {platform.python_version()}"


def load() -> str:
    """How busy the machine was before a figure: others at work make every figure worse."""
    return f"{os.getloadavg()[0]:.1f}"


def peak_memory(pid: int) -> float:
    """The most that a process has ever held, MB; 0 when it is gone. What getrusage tells of a child begins with what
    its parent held."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6 if "VmHWM:" in status else 0.0


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
