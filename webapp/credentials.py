"""credentials.json: what a newcomer, `make demo` and scripts need to talk to the instance of this home."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Credentials:
    url: str
    user: str
    password: str
    ingest_token: str
    read_token: str

    @classmethod
    def read(cls, path: Path) -> Credentials | None:
        """None if the file is gone (an administrator may well remove it) or is not ours."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def moved_to(self, url: str) -> Credentials:
        return replace(self, url=url)

    def write(self, path: Path) -> None:
        """Mode 600 from its first byte on."""
        draft = path.with_name(path.name + ".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            json.dump(asdict(self), handle, indent=2)
            handle.write("\n")
        draft.replace(path)
