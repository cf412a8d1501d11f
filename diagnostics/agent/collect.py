"""``autoglm-debug collect``: what the host knows of a span of time, as one bundle, and to the server if wanted.

The bundle is a ``.tar.gz``: ``manifest.json`` and one file per artifact, ``<kind>/<name>``::

    {"schema": 1, "host": {"name": "gpu-07", …}, "since": ns, "until": ns, "service": "…", "launch_id": "…",
     "artifacts": [{"kind": "kernel-log", "file": "kernel-log/kmsg.txt", "bytes": 512, "query": {"boot_time": "…"}}],
     "missing": [{"kind": "sar", "reason": "…"}]}
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tarfile
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List

from diagnostics.agent import evidence, spool, units
from diagnostics.agent.evidence import Evidence, Found, Missing
from diagnostics.agent.failure import IMPOSSIBLE, NOTHING_FOUND, OK, USAGE, Failure
from diagnostics.agent.messages import tr
from diagnostics.agent.record import host_facts
from diagnostics.agent.stamps import Calendar


def collect(options: argparse.Namespace) -> int:
    """Gather, write, send; the exit code. Raises Failure."""
    now = time.time_ns()
    since = _time("--since", options.since, now)
    until = _time("--until", options.until, now) if options.until else now
    if since >= until:
        raise Failure(tr("--since is not before --until"), USAGE)
    artifacts: List[Evidence] = []
    missing: List[Missing] = []
    for one in _gather(options, since, until):
        if isinstance(one, Evidence):
            artifacts.append(_named(one, artifacts))
        else:
            missing.append(one)
    manifest = _manifest(options, since, until, artifacts, missing)
    _report(options, manifest)
    if not artifacts:
        return NOTHING_FOUND
    _write(Path(options.output), manifest, artifacts)
    if options.upload:
        _send(options, manifest, artifacts)
    return OK


def _gather(options: argparse.Namespace, since: int, until: int) -> Found:
    files = [("container-log", name) for name in options.container_log]
    files += [("k8s-events", name) for name in options.k8s_events]
    files += [("k8s-pod", name) for name in options.k8s_pod]
    files += list(options.file)
    # Nothing named: everything that needs no name.
    every = not (options.dmesg or options.sar or files)
    if options.dmesg or every:
        yield from evidence.kernel_log(since, until)
    if options.sar or every:
        yield from evidence.sar(since, until)
    for kind, name in files:
        yield from evidence.file_of(kind, Path(name))


def _named(one: Evidence, others: List[Evidence]) -> Evidence:
    taken = {(other.kind, other.name) for other in others}
    name, number = one.name, 1
    while (one.kind, name) in taken:
        number += 1
        name = f"{number}-{one.name}"
    return one._replace(name=name)


def _time(option: str, text: str, now: int) -> int:
    """``30m`` (ago) or ``2026-11-23T10:00:00Z`` → ns since the epoch."""
    stamp = Calendar(now).leading(text)
    if stamp:
        return stamp.time
    try:
        return now - round(units.seconds(text) * 10**9)
    except ValueError:
        message = tr("{option} {text}: write 30m, 2h or 2026-11-23T10:00:00Z", option=option, text=text)
        raise Failure(message, USAGE) from None


def _manifest(
    options: argparse.Namespace, since: int, until: int, artifacts: List[Evidence], missing: List[Missing]
) -> Dict[str, Any]:
    told = {name: getattr(options, name) for name in ("service", "environment", "version", "launch_id")}
    listed = [
        {"kind": one.kind, "file": f"{one.kind}/{one.name}", "bytes": len(one.content), "query": one.query}
        for one in artifacts
    ]
    return {
        "schema": 1,
        "host": {**host_facts(), **({"name": options.host} if options.host else {})},
        "since": since,
        "until": until,
        **{name: value for name, value in told.items() if value},
        "labels": dict(options.label),
        "artifacts": listed,
        "missing": [one._asdict() for one in missing],
    }


def _write(path: Path, manifest: Dict[str, Any], artifacts: List[Evidence]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    files = [("manifest.json", text), *((f"{one.kind}/{one.name}", one.content) for one in artifacts)]
    try:
        with tarfile.open(path, "w:gz") as bundle:
            for name, content in files:
                member = tarfile.TarInfo(name)
                member.size, member.mtime, member.mode = len(content), manifest["until"] // 10**9, 0o600
                bundle.addfile(member, io.BytesIO(content))
    except OSError as error:
        reason = error.strerror or error
        raise Failure(tr("{path} cannot be written: {reason}", path=path, reason=reason), IMPOSSIBLE) from None


def _send(options: argparse.Namespace, manifest: Dict[str, Any], artifacts: List[Evidence]) -> None:
    folder = spool.directory(options.spool)
    common = {"host": manifest["host"]["name"], "service": options.service, "environment": options.environment}
    common = {name: value for name, value in {**common, "launch": options.launch_id}.items() if value}
    for one in artifacts:
        spool.put(folder, one.kind, one.content, {**common, **one.query})
    spool.send_in_background(folder, options.server, options.token)


def _report(options: argparse.Namespace, manifest: Dict[str, Any]) -> None:
    if options.json:
        print(json.dumps({**manifest, "output": options.output}, ensure_ascii=False, indent=1))
        return
    for line in _lines(options, manifest):
        print(line, file=sys.stdout if manifest["artifacts"] else sys.stderr)


def _lines(options: argparse.Namespace, manifest: Dict[str, Any]) -> Iterator[str]:
    for one in manifest["artifacts"]:
        yield f"{one['file']}  {units.size(one['bytes'])}"
    for one in manifest["missing"]:
        yield f"{one['kind']}: {one['reason']}"
    if manifest["artifacts"]:
        yield tr("written to {path}", path=options.output)
