"""What a command made, to the server: into the spool first, then in the background."""

from __future__ import annotations

import argparse
import json
from typing import Any, Dict, Sequence

from diagnostics.agent.cli import arguments as common
from diagnostics.agent.record import host_facts


def check(options: argparse.Namespace) -> None:
    """``--upload`` without a server or a token is told before the work, not after it."""
    if options.upload:
        common.required(options, ("server", "token"))


def identity(options: argparse.Namespace) -> Dict[str, Any]:
    """Whose data this is, as every artifact says it; what was not given is left out."""
    host = host_facts()
    if options.host:
        host["name"] = options.host
    named = {name: getattr(options, name) for name in ("service", "environment", "version", "launch_id")}
    return {"host": host, "labels": dict(options.label), **{name: value for name, value in named.items() if value}}


def send(options: argparse.Namespace, kind: str, document: Dict[str, Any]) -> None:
    """Spool one artifact and let a process of its own send it; the command does not wait."""
    from diagnostics.agent import spool  # reading it costs time that commands without --upload need not spend

    query = {"host": document["host"]["name"], "service": options.service, "environment": options.environment}
    if options.launch_id:
        query["launch"] = options.launch_id
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    directory = spool.directory(options.spool)
    spool.put(directory, kind, body, {name: value for name, value in query.items() if value})
    spool.send_in_background(directory, options.server, options.token)


def send_snapshots(options: argparse.Namespace, documents: Sequence[Any]) -> None:
    """Spool snapshots of either form; what they do not say themselves goes into the query."""
    from diagnostics.agent import spool

    directory = spool.directory(options.spool)
    query = {name: getattr(options, name) for name in ("service", "environment", "version", "host")}
    for document in documents:
        body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        spool.put(directory, "snapshot", body, {name: value for name, value in query.items() if value})
    spool.send_in_background(directory, options.server, options.token)
