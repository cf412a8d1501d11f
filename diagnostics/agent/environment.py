"""Facts of the host and of what is launched, as labels (few, for grouping) and as configuration (all, with --verbose).

Everything is read without running the launched program; secrets are hidden before they get here (``masking``).
"""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from diagnostics.agent import masking
from diagnostics.agent.cgroup import ControlGroup

# What may speak for a launch's speed; more would drown the differences that matter.
_PACKAGES = (
    "vllm", "sglang", "text-generation-server", "tensorrt-llm", "ray", "torch", "transformers", "safetensors",
    "flashinfer-python", "triton", "numpy", "uvicorn", "fastapi", "gunicorn", "django",
)  # fmt: skip
_IMAGE_VARIABLES = ("LAUNCHSCOPE_IMAGE", "IMAGE_DIGEST", "CONTAINER_IMAGE", "IMAGE")
_KUBERNETES = {
    "pod": ("POD_NAME", "MY_POD_NAME"),
    "namespace": ("POD_NAMESPACE", "MY_POD_NAMESPACE"),
    "node": ("NODE_NAME",),
}
_CONTAINER_ID = re.compile(r"\b[0-9a-f]{64}\b")
_LIMITS = {"open_files": "RLIMIT_NOFILE", "locked_memory": "RLIMIT_MEMLOCK", "processes": "RLIMIT_NPROC"}


def labels(command: Sequence[str], environment: Mapping[str, str], files: Sequence[Path] = ()) -> Dict[str, str]:
    """Text to text. ``files`` are the launch's largest, whose file system is its ``storage``."""
    found = {**_system(), **_container(environment), **_limits(os.getpid()), **python_packages(command)}
    if command:
        found["command"] = " ".join(masking.mask_command(command))[:2000]
    storage = {file_system(file) for file in files[:64]} - {""}
    if storage:
        found["storage"] = ",".join(sorted(storage))
    return found


def configuration(environment: Mapping[str, str]) -> Dict[str, Dict[str, Any]]:
    """``name → {"actual": value}`` of every environment variable, resource limit and mount."""
    found: Dict[str, Dict[str, Any]] = {}
    for name, value in masking.mask_environment(environment).items():
        found[name] = {"actual": value}
    for name, constant in _LIMITS.items():
        soft, hard = resource.getrlimit(getattr(resource, constant))
        found[f"ulimit.{name}"] = {"actual": _limit(soft), "hard": _limit(hard)}
    for point, kind, source in mounts():
        found[f"mount.{point}"] = {"actual": kind, "source": masking.mask_text(source)}
    return found


def _limit(value: int) -> Any:
    return "unlimited" if value == resource.RLIM_INFINITY else value


def _system() -> Dict[str, str]:
    found = {"kernel": platform.release(), "arch": platform.machine(), "cpus": str(os.cpu_count() or "")}
    for path, label, pattern in (
        ("/etc/os-release", "os", r'^PRETTY_NAME="?([^"\n]+)'),
        ("/proc/cpuinfo", "cpu", r"^model name\s*: (.+)$"),
        ("/proc/meminfo", "memory_kb", r"^MemTotal: +(\d+)"),
        ("/proc/driver/nvidia/version", "gpu_driver", r"Module +(\S+)"),
    ):
        match = re.search(pattern, _text(path), re.MULTILINE)
        if match:
            found[label] = match[1].strip()
    return found


def _container(environment: Mapping[str, str]) -> Dict[str, str]:
    found = {}
    image = next((environment[name] for name in _IMAGE_VARIABLES if environment.get(name)), "")
    podman = re.search(r'^image(?:id)?="([^"]+)"', _text("/run/.containerenv"), re.MULTILINE)
    if image or podman:
        found["image"] = image or (podman[1] if podman else "")
    container = _CONTAINER_ID.search(_text("/proc/self/cgroup") + _text("/proc/self/mountinfo"))
    if container:
        found["container"] = container[0][:12]
    for label, names in _KUBERNETES.items():
        value = next((environment[name] for name in names if environment.get(name)), "")
        if value:
            found[label] = value
    if "KUBERNETES_SERVICE_HOST" in environment and "pod" not in found and environment.get("HOSTNAME"):
        found["pod"] = environment["HOSTNAME"]
    return found


def _limits(pid: int) -> Dict[str, str]:
    limits = ControlGroup(pid).limits()
    return {f"{name}_limit": f"{value:g}" if value < 10**4 else str(int(value)) for name, value in limits.items()}


def gpus() -> Dict[str, str]:
    """``gpu``, ``gpus`` and ``gpu_driver`` from nvidia-smi, which takes a second: call it after the launch."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return {}
    query = [command, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    rows = [row.split(", ") for row in done.stdout.splitlines() if ", " in row] if done.returncode == 0 else []
    return {"gpu": rows[0][0], "gpu_driver": rows[0][1], "gpus": str(len(rows))} if rows else {}


def mounts() -> Iterator[Tuple[str, str, str]]:
    """Mount point, file system, source of everything that holds files."""
    virtual = {"proc", "sysfs", "cgroup", "cgroup2", "devpts", "devtmpfs", "mqueue", "debugfs", "tracefs", "securityfs"}
    for row in _text("/proc/self/mounts").splitlines():
        source, point, kind, *_ = [*row.split(), "", "", ""]
        if kind and kind not in virtual and not point.startswith(("/proc", "/sys")):
            yield point.replace("\\040", " "), kind, source


def file_system(path: Path) -> str:
    """The kind of file system that holds ``path``: ``ext4``, ``nfs4``, ``overlay``; empty if unknown."""
    place = os.path.realpath(path)
    found = [(len(point), kind) for point, kind, _ in mounts() if (place + "/").startswith(point.rstrip("/") + "/")]
    return max(found)[1] if found else ""


def python_packages(command: Sequence[str]) -> Dict[str, str]:
    """Versions of what matters in the Python that runs ``command``, read from its installed metadata."""
    interpreter = _interpreter(command)
    if interpreter is None:
        return {}
    found: Dict[str, str] = {}
    for folder in sorted(interpreter.parent.parent.glob("lib/python3*/site-packages")):
        for name in _PACKAGES:
            for info in folder.glob(f"{name.replace('-', '_')}-[0-9]*.dist-info"):
                found[name] = info.name[len(name) + 1 : -len(".dist-info")]
    return found


def _interpreter(command: Sequence[str]) -> Optional[Path]:
    program = shutil.which(command[0]) if command else None
    if program is None:
        return None
    if re.match(r"python[\d.]*$", Path(program).name):
        return Path(program).absolute()
    try:
        with Path(program).open("rb") as script:
            first = script.readline(256).decode("utf-8", "replace")
    except OSError:
        return None
    words: List[str] = first[2:].split() if first.startswith("#!") else []
    named = next((word for word in words if re.match(r"python[\d.]*$", Path(word).name)), None)
    found = shutil.which(named) if named else None
    return Path(found).absolute() if found else None


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
