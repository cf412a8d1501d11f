"""``autoglm-debug upload``: files into the spool, then everything in the spool to the server."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Dict, Tuple

from diagnostics.agent import spool
from diagnostics.agent.cli import arguments as common
from diagnostics.agent.cli.running import note
from diagnostics.agent.failure import Failure
from diagnostics.agent.messages import tr


def upload(options: argparse.Namespace) -> Tuple[int, int, int]:
    """(sent, left in the spool, refused by the server). Raises Failure for a file that cannot be read."""
    common.required(options, ("server", "token"))
    directory = spool.directory(options.spool)
    for name in options.files:
        spool.put(directory, options.kind, _content(name), _query(options))
    return spool.send_all(directory, options.server, options.token, options.patience, note)


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise Failure(tr("{file} cannot be read: {error}", file=name, error=error.strerror)) from None


def _query(options: argparse.Namespace) -> Dict[str, str]:
    """What the file itself may not say, by the names that its endpoint knows."""
    launch = "launch_id" if options.kind == "snapshot" else "launch"
    query = {name: getattr(options, name) for name in ("service", "environment", "version", "host")}
    query[launch] = options.launch_id
    return {name: value for name, value in query.items() if value and (name != "version" or options.kind == "snapshot")}
