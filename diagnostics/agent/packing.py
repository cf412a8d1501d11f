"""Packs the agent into one file that any Python from 3.9 on runs: ``python -m diagnostics.agent.packing agent.pyz``.

The same sources give the same bytes on every machine: names sorted, one date, and no compression, whose output differs
between versions of zlib.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from pathlib import Path
from typing import Dict, List

PACKAGE = Path(__file__).parent
_FIRST_LINE = b"#!/usr/bin/env python3\n"
_DATE = (1980, 1, 1, 0, 0, 0)
_START = b"import sys\n\nfrom diagnostics.agent.__main__ import main\n\nsys.exit(main())\n"


def content() -> bytes:
    """The whole file. About a third of a megabyte; the server makes it once."""
    packed = io.BytesIO()
    packed.write(_FIRST_LINE)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(_files().items()):
            about = zipfile.ZipInfo(name, _DATE)
            # Unix, so that zipfile on Windows writes the same bytes.
            about.create_system, about.external_attr = 3, 0o644 << 16
            archive.writestr(about, data)
    return packed.getvalue()


def digest(data: bytes) -> str:
    """SHA-256 in hex, as ``sha256sum`` prints it."""
    return hashlib.sha256(data).hexdigest()


def _files() -> Dict[str, bytes]:
    sources = {f"diagnostics/agent/{path.relative_to(PACKAGE).as_posix()}": path for path in PACKAGE.rglob("*.py")}
    read = {name: path.read_bytes().replace(b"\r\n", b"\n") for name, path in sources.items()}
    return {**read, "diagnostics/__init__.py": b"", "__main__.py": _START}


def main(arguments: List[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m diagnostics.agent.packing FILE\n")
        return 2
    data, target = content(), Path(arguments[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    target.chmod(0o755)
    print(f"{digest(data)}  {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
