"""Files that tell of a launch and its host, sent and read as a worker would; times are seconds after T0."""

from __future__ import annotations

import json

from diagnostics import detection, ingest
from diagnostics.models import Artifact, Launch
from diagnostics.records import NS_PER_SECOND as S
from tests.data.snapshots import MS, T0, phase, snapshot
from tests.views.conftest import launched

BOOT = T0 - 1000 * S
HOST = {"name": "gpu-07", "boot_id": "b", "boot_time": BOOT}


def slow_launch() -> Launch:
    """A minute of config and weights on gpu-07, the weights from second 10 to 50."""
    made = [phase("config", 0, 10_000), phase("weights", 10_000, 40_000, lane="TP0"), phase("warm-up", 50_000, 10_000)]
    return launched(snapshot(*made, host=HOST, milestones={"health_ok": T0 + 60_000 * MS}))


def sent(kind: str, content: bytes, launch: Launch | None = None, **given: str) -> Artifact:
    """A file accepted, read, and the launches that it joins judged again."""
    said = {"host": "gpu-07", "launch": str(launch.pk) if launch else ""} | given
    accepted = ingest.accept_evidence(ingest.Evidence(ingest.Packed.of(content), kind, **said))
    launch_id = ingest.parse(accepted.artifact)
    for judged in [launch_id] if launch_id else ingest.joined(accepted.artifact):
        detection.judge(judged)
    return Artifact.objects.get(pk=accepted.artifact)


def samples(first: int = 0, last: int = 60) -> bytes:
    """Readings of every second, the processors waiting for I/O from second 10 to 50."""
    times = [T0 + second * S for second in range(first, last + 1)]
    waiting = [80.0 if 10 <= second <= 50 else 1.0 for second in range(first, last + 1)]
    series = [
        {"metric": "cpu.user", "instance": "all", "values": [10.0] * len(times)},
        {"metric": "cpu.iowait", "instance": "all", "values": waiting},
        {"metric": "memory.used_percent", "instance": "all", "values": [40.0] * len(times)},
    ]
    return json.dumps({"schema": 1, "interval_ns": S, "host": HOST, "times": times, "series": series}).encode()


def kernel_log(*told: tuple[float, str]) -> bytes:
    """``dmesg`` as it comes: seconds since boot, each line at a second after T0."""
    return "\n".join(f"[{1000 + second:12.6f}] {text}" for second, text in told).encode()


TROUBLE = kernel_log(
    (5, "eth0: link becomes ready"),
    (20.5, "Buffer I/O error on dev sda1, logical block 7, async page read"),
    (40, "systemd[1]: Started something <b>bold</b>"),
    (58, "usb 1-1: new high-speed USB device number 2 using xhci_hcd"),
)


def pings(*odd: str) -> bytes:
    """Three lines of ``ping``, then lines that are none of its."""
    replies = [f"64 bytes from 10.0.0.9: icmp_seq={number} ttl=64 time=0.31 ms" for number in (1, 2)]
    return "\n".join(["PING storage (10.0.0.9) 56(84) bytes of data.", *replies, *odd, ""]).encode()


EVENTS = json.dumps(
    {
        "kind": "List",
        "apiVersion": "v1",
        "items": [
            {
                "kind": "Event",
                "apiVersion": "v1",
                "metadata": {"name": f"pod.{number}", "namespace": "prod"},
                "involvedObject": {"kind": "Pod", "namespace": "prod", "name": "open-autoglm-0"},
                "reason": reason,
                "message": message,
                "source": {"component": "kubelet"},
                "firstTimestamp": stamp,
                "lastTimestamp": stamp,
                "count": 1,
                "type": kind,
            }
            for number, (stamp, reason, message, kind) in enumerate(
                [
                    ("2025-11-24T15:59:40Z", "Pulling", 'Pulling image "registry/model:1"', "Normal"),
                    ("2025-11-24T15:59:50Z", "Pulled", 'Successfully pulled image "registry/model:1" in 10s', "Normal"),
                    ("2025-11-24T16:00:30Z", "Unhealthy", "Startup probe failed: HTTP 503", "Warning"),
                ]
            )
        ],
    },
    indent=1,
).encode()
