"""What a stretch read and waited for: bytes it had to load, what came from disks and network, how long tasks stood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.limits import cpu_count
from diagnostics.analysis.diagnosis.readings import Readings, by_instance, of_host
from diagnostics.analysis.diagnosis.stretches import Stretch
from diagnostics.analysis.diagnosis.wording import percent, size

KB = 1024
# Devices that only pass on what a disk below them reads, by name and by sysstat's major numbers.
LAYERED = re.compile(r"(?:dm-|md|loop|ram|zram|drbd|bcache|dev(?:253|252|9|7|1)-|.*[/-]lv|vg)")
LOADS = re.compile(r"weight|checkpoint|model|shard|download|load", re.IGNORECASE)
# File systems whose reads are seen as network traffic, not at a disk.
REMOTE = re.compile(
    r"nfs|cifs|smb|ceph|lustre|gpfs|gluster|juicefs|fuse|9p|virtiofs|afs|wekafs|beegfs|s3", re.IGNORECASE
)
SHARE = re.compile(r"[01](?:\.\d+)?")
# A launch that read less than this (bytes) does not tell where its files lay.
TELLING = 32_000_000


@dataclass(frozen=True, slots=True)
class Io:
    """``None`` and empty are what the samples do not tell of this stretch."""

    cpus: int | None
    iowait: Readings | None
    some: Readings | None
    full: Readings | None
    disks: Mapping[str, Readings]  # disk.read_kb
    busy: Mapping[str, Readings]  # disk.util_percent
    own: Readings | None  # process.read_kb: what the launch itself had from storage
    network: Mapping[str, Readings]  # network.rx_kb

    @property
    def stalled(self) -> float | None:
        """Percent of the time that some task waited for I/O.

        Pressure measures it. Of iowait only a lower bound follows: it is the share of *all* CPUs that idled over an
        open request, so one waiting thread on 96 CPUs shows as 1 %.
        """
        if self.some is not None:
            return self.some.mean
        return None if self.iowait is None else min(100.0, self.iowait.mean * (self.cpus or 1))

    @property
    def gauge(self) -> Readings | None:
        return self.some or self.iowait

    @property
    def busiest(self) -> Readings | None:
        return max(self.busy.values(), key=lambda one: one.mean, default=None)

    @property
    def from_disks(self) -> float | None:
        """Bytes read from disks in the stretch, by whomever; ``None`` when no disk was sampled."""
        if not self.disks:
            return None
        return sum(one.volume for one in self._real()) * KB

    @property
    def peak_rate(self) -> float:
        """Bytes a second that the disks gave at best, each at its best moment."""
        return sum(one.peak for one in self._real()) * KB

    @property
    def from_network(self) -> float:
        """Bytes that came in on the busiest interface: bonds and bridges count the same bytes again."""
        return max((one.volume for one in self.network.values()), default=0.0) * KB

    @property
    def steady(self) -> float:
        """Share of the stretch during which the launch, or its busiest disk, read at half of the best rate or more.

        A virtual disk may be served inside the CPU's time: reading from it shows neither as waiting nor as busy.
        """
        told = self.own or self.main_disk
        return told.share_above(told.peak / 2) * min(1.0, told.coverage) if told and told.peak > 0 else 0.0

    @property
    def main_disk(self) -> Readings | None:
        return max(self._real(), key=lambda one: one.volume, default=None)

    def _real(self) -> list[Readings]:
        real = [one for name, one in self.disks.items() if not LAYERED.match(name)]
        return real or [max(self.disks.values(), key=lambda one: one.volume)] if self.disks else []


def io_of(case: Case, stretch: Stretch) -> Io:
    window = stretch.window
    return Io(
        cpu_count(case),
        of_host(case, "cpu.iowait", window),
        of_host(case, "pressure.io_some", window),
        of_host(case, "pressure.io_full", window),
        by_instance(case, "disk.read_kb", window),
        by_instance(case, "disk.util_percent", window),
        of_host(case, "process.read_kb", window),
        by_instance(case, "network.rx_kb", window),
    )


def bytes_to_load(case: Case, stretch: Stretch) -> int | None:
    """Bytes the phase had to read, as its attributes tell; for a phase that loads, else the size of all files."""
    if stretch.placed is None:
        return None
    attributes = stretch.placed.phase.attributes
    for name in ("bytes", "size_bytes", "bytes_read", "weights_bytes"):
        told = attributes.get(name)
        if isinstance(told, int | float) and not isinstance(told, bool) and told > 0:
            return int(told)
    files = case.labels.get("files_bytes", "")
    return int(files) if files.isdecimal() and int(files) and LOADS.search(stretch.name) else None


def files_in_memory(case: Case) -> tuple[float, str] | None:
    """The share (0..1) of what the launch read that was in memory already, with the sentence that says so.

    What its processes had from storage is the best measure. Where that is unknown, or no disk would show it, it is how
    much of its files lay in memory before the start, if those files are most of what it read.
    """
    read, stored = _bytes(case, "read_bytes"), _bytes(case, "storage_read_bytes")
    if read and stored is not None and read >= TELLING and not is_remote(case):
        return max(0.0, 1 - stored / read), f"The launch read {size(read)}, {size(stored)} of them from storage"
    told, amount = case.labels.get("files_cached_share", ""), _bytes(case, "files_bytes")
    if not SHARE.fullmatch(told) or (amount is not None and read and amount < read / 2):
        return None
    share = min(1.0, float(told))
    files = f"its files ({size(amount)})" if amount is not None else "its files"
    return share, f"{percent(100 * share)} of {files} were in memory before it started"


def _bytes(case: Case, label: str) -> int | None:
    told = case.labels.get(label, "")
    return int(told) if told.isdecimal() else None


def is_remote(case: Case) -> bool:
    """Whether the launch's files lie on a file system of the network, as its labels tell."""
    return any(REMOTE.search(case.labels.get(name, "")) for name in ("storage", "storage_class"))
