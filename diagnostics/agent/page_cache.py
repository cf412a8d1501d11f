"""How much of a launch's files is in memory already: the fact that tells a cold start from a warm one.

The kernel is asked without touching the files: ``cachestat`` (Linux 6.5), else ``mincore`` over a mapping. Where
neither answers the share is unknown, and said to be.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
from pathlib import Path
from typing import Iterable, Iterator, List, NamedTuple, Optional, Sequence

_CACHESTAT = 451  # one number on every architecture
_PAGE = mmap.PAGESIZE
_WEIGHTS = (".safetensors", ".bin", ".gguf", ".pt", ".pth", ".onnx", ".engine", ".plan", ".msgpack", ".h5", ".npz")
_MOST_FILES = 512


class CachedFiles(NamedTuple):
    """``cached_bytes`` is None if the kernel does not tell."""

    files: int
    size_bytes: int
    cached_bytes: Optional[int]

    @property
    def share(self) -> Optional[float]:
        """0..1, to two decimals."""
        return (
            None if self.cached_bytes is None or not self.size_bytes else round(self.cached_bytes / self.size_bytes, 2)
        )


class _Range(ctypes.Structure):
    _fields_ = (("offset", ctypes.c_uint64), ("length", ctypes.c_uint64))


class _Stat(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint64) for name in ("cache", "dirty", "writeback", "evicted", "recent"))


def measure(paths: Iterable[Path]) -> CachedFiles:
    """Sum over files; those that cannot be opened are left out."""
    files, size, cached, known = 0, 0, 0, True
    for path in paths:
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOATIME", 0) * (os.geteuid() == 0))
        except OSError:
            continue
        try:
            length = os.fstat(handle).st_size
            found = cached_bytes(handle, length)
        finally:
            os.close(handle)
        files, size, cached, known = files + 1, size + length, cached + (found or 0), known and found is not None
    return CachedFiles(files, size, cached if known else None)


def cached_bytes(handle: int, length: int) -> Optional[int]:
    """How much of an open file is in the page cache; None if the kernel does not tell."""
    if length == 0:
        return 0
    found = _cachestat(handle, length)
    return _mincore(handle, length) if found is None else found


def _cachestat(handle: int, length: int) -> Optional[int]:
    libc = ctypes.CDLL(None, use_errno=True)
    found = _Stat()
    if libc.syscall(_CACHESTAT, handle, ctypes.byref(_Range(0, length)), ctypes.byref(found), 0) != 0:
        return None
    return min(int(found.cache) * _PAGE, length)


def _mincore(handle: int, length: int) -> Optional[int]:
    libc = ctypes.CDLL(None, use_errno=True)
    pages = -(-length // _PAGE)
    resident = (ctypes.c_ubyte * pages)()
    try:
        # Private and writable, which a read-only file allows, so that ctypes may take the address.
        with mmap.mmap(handle, length, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE) as mapping:
            view = ctypes.c_char.from_buffer(mapping)
            address = ctypes.c_void_p(ctypes.addressof(view))
            failed = libc.mincore(address, ctypes.c_size_t(length), resident)
            del view
    except (OSError, ValueError):
        return None
    return None if failed else min(sum(page & 1 for page in resident) * _PAGE, length)


def files_of(command: Sequence[str], extra: Sequence[Path] = ()) -> List[Path]:
    """The files a command is going to read, as far as its words tell: program, scripts, models and their weights."""
    program = shutil.which(command[0]) if command else None
    named = [Path(word.partition("=")[2] if word.startswith("-") and "=" in word else word) for word in command[1:]]
    found: List[Path] = []
    for path in [*([Path(program)] if program else []), *named, *extra]:
        found += _files(path)
    return list(dict.fromkeys(found))[:_MOST_FILES]


def _files(path: Path) -> Iterator[Path]:
    try:
        if path.is_file():
            yield path.resolve()
        elif path.is_dir() and path.is_absolute():
            yield from (file.resolve() for file in sorted(path.iterdir()) if file.suffix in _WEIGHTS and file.is_file())
    except (OSError, ValueError):
        return
