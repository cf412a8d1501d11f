"""How fast the weights can really be read: from the device, past the page cache."""

from __future__ import annotations

import contextlib
import mmap
import os
import time
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional

from diagnostics.agent import page_cache
from diagnostics.agent.checks.check import FAILED, GOOD, UNKNOWN, WARNING, Check
from diagnostics.agent.checks.disk import mount_of
from diagnostics.agent.messages import tr
from diagnostics.agent.units import percent, size

# Large enough that the throughput of the device counts, not its latency.
BLOCK = 4 * 1024 * 1024
# A smaller file says more about opening it than about reading.
_LEAST = 8 * 1024 * 1024
# Below this a model of 14 GB takes more than two minutes to read.
SLOW_BYTES_PER_SECOND = 100e6
_MOST_FILES = 20_000


class Measured(NamedTuple):
    """``direct`` tells whether the page cache was passed by; else it was told to forget the file first."""

    bytes: int
    ns: int
    direct: bool

    @property
    def rate(self) -> float:
        """Bytes per second."""
        return self.bytes * 1e9 / self.ns if self.ns else 0.0


def throughput(path: str, most: int, seconds: float) -> Check:
    """Reads up to ``most`` bytes for up to ``seconds``, largest file first; the page cache keeps what it has."""
    files = list(largest(Path(path)))
    total = sum(file.stat().st_size for file in files[:1])
    if not files or total < _LEAST:
        message = tr("{path} holds no file of {least} or more to measure with", path=path, least=size(_LEAST))
        return Check("read-throughput", "storage", UNKNOWN, message)
    try:
        measured = _over(files, most, seconds)
    except OSError as error:
        message = tr("{path} cannot be read: {error}", path=path, error=error.strerror or error)
        return Check("read-throughput", "storage", FAILED, message)
    return _judge(path, files, measured)


def _judge(path: str, files: List[Path], measured: Measured) -> Check:
    cached = page_cache.measure(files)
    place, kind = mount_of(path)
    way = "O_DIRECT" if measured.direct else "page cache dropped first"
    evidence = [
        f"{place} ({kind}): {size(measured.bytes)} in {measured.ns / 1e9:.3f} s, {way}",
        f"page cache: {'unknown' if cached.share is None else percent(cached.share)} of {size(cached.size_bytes)}",
    ]
    slow = measured.rate < SLOW_BYTES_PER_SECOND
    message = tr("{path} is read at {rate}/s", path=path, rate=size(measured.rate))
    advice = tr("Keep the weights on a faster or a local disk, or read them before the launch.") if slow else ""
    expected, actual = round(SLOW_BYTES_PER_SECOND / 1e6), round(measured.rate / 1e6, 1)
    state = WARNING if slow else GOOD
    return Check("read-throughput", "storage", state, message, expected, actual, "MB/s", evidence, advice)


def largest(path: Path) -> Iterator[Path]:
    """The regular files at or below ``path``, largest first; links are not followed out of it."""
    if path.is_file():
        yield path
        return
    found = []
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                file = Path(folder, name)
                found.append((file.stat().st_size, file))
        if len(found) > _MOST_FILES:
            break
    yield from (file for _, file in sorted(found, key=lambda entry: (-entry[0], str(entry[1]))) if file.is_file())


def _over(files: List[Path], most: int, seconds: float) -> Measured:
    read, spent, direct = 0, 0, True
    for file in files:
        measured = measure(file, most - read, seconds - spent / 1e9)
        read, spent, direct = read + measured.bytes, spent + measured.ns, direct and measured.direct
        if read >= most or spent >= seconds * 1e9:
            break
    return Measured(read, spent, direct)


def measure(file: Path, most: int, seconds: float) -> Measured:
    """Read one file from its beginning. Raises OSError."""
    handle, direct = _opened(file)
    # O_DIRECT wants memory that begins on a page, which a mapping does.
    buffer = mmap.mmap(-1, BLOCK)
    read, begin = 0, time.monotonic_ns()
    try:
        while read < most and time.monotonic_ns() - begin < seconds * 1e9:
            count = os.readv(handle, [buffer])
            read += count
            if count < BLOCK:
                break
        return Measured(read, max(1, time.monotonic_ns() - begin), direct)
    finally:
        os.close(handle)
        buffer.close()


def _opened(file: Path) -> "tuple[int, bool]":
    """(handle, whether reads pass the page cache by). tmpfs and some overlays refuse to."""
    flag: Optional[int] = getattr(os, "O_DIRECT", None)
    if flag is not None:
        with contextlib.suppress(OSError):
            return os.open(file, os.O_RDONLY | flag), True
    handle = os.open(file, os.O_RDONLY)
    with contextlib.suppress(OSError, AttributeError):
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    return handle, False
