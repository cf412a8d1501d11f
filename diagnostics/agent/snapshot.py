"""``autoglm-debug dump-launch-sequence``: records a command, or reads a log or spool; writes and sends the snapshot."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any, Dict, List, Optional

from diagnostics.agent import assembling, recordings, spool, telemetry
from diagnostics.agent.assembling import About, Document
from diagnostics.agent.failure import IMPOSSIBLE, NOTHING_FOUND, OK, TROUBLE, USAGE, Failure
from diagnostics.agent.launching import CannotStart
from diagnostics.agent.messages import tr
from diagnostics.agent.nesting import nest
from diagnostics.agent.profiles import PROFILES, Profile
from diagnostics.agent.profiling import Profiling
from diagnostics.agent.readiness import Criteria, taken
from diagnostics.agent.record import host_facts, read_spool
from diagnostics.agent.recording import READY, Recording, Wanted
from diagnostics.agent.saved_log import LogOptions, read_file
from diagnostics.agent.terminal_waterfall import draw
from diagnostics.agent.units import duration, percent

# After the command's end, whoever waits for us waits this much longer for the upload.
_UPLOAD_WAIT = 2.0


def dump(options: argparse.Namespace) -> int:
    """Make the snapshot, write it, send it; the exit code. Raises Failure."""
    if options.command:
        return _dump_command(options)
    document = _from_log(options) if options.from_log else _from_spool(options)
    _write(options, document)
    _send(options, document, None)
    _summary(options, document, sys.stdout if options.output != "-" else sys.stderr)
    return TROUBLE if nest(document).failed else OK


def record(options: argparse.Namespace) -> Document:
    """Run ``options.command`` as a launch, end it when it is ready (unless ``detach``), and return its snapshot.

    Its standard output goes to standard error, so that it does not mix with a result. Raises Failure.
    """
    recording = _run(options, targets=(2, 2))
    document = _assembled(options, recording)
    _afterwards(argparse.Namespace(detach=options.detach, stop=True), recording)
    return document


def _dump_command(options: argparse.Namespace) -> int:
    for sentence in taken(_criteria(options)):
        _say(sentence)
    try:
        recording = _run(options, targets=(2, 2) if options.output == "-" else (1, 2))
    except CannotStart as error:
        _say(str(error))
        return error.code
    # Whatever happens to the snapshot, the command goes on and its exit code is ours.
    sender = None
    try:
        document = _assembled(options, recording)
        sender = _send(options, document, recording)
        _write(options, document)
        _summary(options, document, sys.stderr)
    except (Failure, OSError) as error:
        _say(str(error))
    code = _afterwards(options, recording)
    _await(sender)
    return code


def _afterwards(options: argparse.Namespace, recording: Recording) -> int:
    if recording.exit_code is None and options.detach:
        return recording.leave()
    if recording.exit_code is not None:
        # It ended by itself, and well, but not before it was ready, as was asked for.
        code = recording.exit_code or (OK if recording.outcome == READY else TROUBLE)
    else:
        code = recording.stop() if options.stop else recording.conclude()
    recordings.finish(recording.wanted.recordings, recording.wanted.launch_id)
    return code


def _run(options: argparse.Namespace, targets: "tuple[int, int]") -> Recording:
    wanted = Wanted(
        command=options.command,
        launch_id=_launch_id(options),
        criteria=_criteria(options),
        profile=_profile(options),
        timeout=options.timeout or 0.0,
        python=options.python,
        sample_interval=0.0 if options.no_samples else options.sample_interval,
        own_session=bool(options.detach),
        recordings=recordings.folder(spool.directory(options.spool)),
        targets=targets,
        telemetry=_telemetry(options),
    )
    recording = Recording(wanted)
    recording.run()
    return recording


def _telemetry(options: argparse.Namespace) -> Dict[str, str]:
    """Spans go where the snapshot goes, and nowhere if that stays here."""
    server, token = (options.server, options.token) if options.upload else ("", "")
    return telemetry.environment(os.environ, options.service, options.environment, options.version, server, token)


def _criteria(options: argparse.Namespace) -> Criteria:
    lines = options.ready_line
    return Criteria(
        lines=tuple([lines] if isinstance(lines, str) else lines) if lines else (),
        url=options.ready_url or "",
        success_url=getattr(options, "success_url", "") or "",
        port=str(options.ready_port or ""),
    )


def _profile(options: argparse.Namespace) -> Optional[Profile]:
    return PROFILES.get(options.profile)


def _launch_id(options: argparse.Namespace) -> str:
    """As told; else the trace that this process belongs to; else a new one."""
    trace = re.fullmatch(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", os.environ.get("TRACEPARENT", ""))
    told = options.launch_id or (trace.group(1) if trace else "")
    try:
        return str(uuid.UUID(told)) if told else str(uuid.uuid4())
    except ValueError:
        raise Failure(tr("--launch-id {text}: not a UUID", text=told), USAGE) from None


def _about(options: argparse.Namespace, launch_id: str) -> About:
    host = {**host_facts(), **({"name": options.host} if options.host else {})}
    expect = getattr(options, "expect", "")
    config: Dict[str, Dict[str, Any]] = {}
    if expect:
        from diagnostics.agent.checks import configuration  # its readers are not needed otherwise

        config = configuration.pairs(configuration.read(expect), dict(os.environ))
    return About(launch_id, options.service, options.environment, options.version, host, dict(options.label), config)


def _assembled(options: argparse.Namespace, recording: Recording) -> Document:
    verbose = getattr(options, "verbose", False)
    return assembling.from_recording(recording, _about(options, recording.wanted.launch_id), verbose)


def _from_log(options: argparse.Namespace) -> Document:
    lines = read_file(options.from_log, LogOptions(outer_only=options.timestamps, year=options.year))
    about = _about(options, _launch_id(options))
    if not options.host:
        # The log was written elsewhere, as often as not.
        about = about._replace(host={"name": about.host["name"]})
    return assembling.from_lines(lines, Profiling(_profile(options)), about, options.verbose)


def _from_spool(options: argparse.Namespace) -> Document:
    """The newest launch, or that of ``--launch-id``, which a program recorded with the SDK."""
    folder = spool.directory(options.spool)
    name = f"{_launch_id(options)}.jsonl" if options.launch_id else "*.jsonl"
    found = [*folder.glob(name), *recordings.folder(folder).glob(name)]
    if not found:
        message = tr(
            "No command to run (-- COMMAND), no --from-log FILE, and no recorded launch in {path}", path=folder
        )
        raise Failure(message, NOTHING_FOUND)
    newest = max(found, key=lambda file: file.stat().st_mtime_ns)
    try:
        return assembling.from_spool(read_spool(newest), _about(options, newest.stem))
    except (OSError, ValueError) as error:
        raise Failure(tr("{path} cannot be read: {reason}", path=newest, reason=error)) from None


def _write(options: argparse.Namespace, document: Document) -> None:
    """Whole or not at all: a reader never meets half a snapshot."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    if options.output == "-":
        print(text)
        return
    path = Path(options.output)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text + "\n", encoding="utf-8", errors="replace")
        unfinished.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise Failure(tr("{path} cannot be written: {reason}", path=path, reason=reason), IMPOSSIBLE) from None


def _send(
    options: argparse.Namespace, document: Document, recording: Optional[Recording]
) -> "Optional[subprocess.Popen[bytes]]":
    """Into the spool, then on its way in the background; None without --upload."""
    if not options.upload:
        return None
    folder = spool.directory(options.spool)
    spool.put(folder, "snapshot", _json(document), {"service": options.service} if options.service else {})
    evidence = {"host": document["host"]["name"], "launch": document["launch_id"]}
    if recording and recording.samples and recording.samples.times:
        samples = recording.samples.document(document["launch_id"], document["host"])
        spool.put(folder, "host-samples", _json(samples), evidence)
    if recording and recording.kernel and recording.kernel.text:
        boot = {"boot_time": str(recording.kernel.boot_time)}
        spool.put(folder, "kernel-log", recording.kernel.text.encode("utf-8", "replace"), {**evidence, **boot})
    return spool.send_in_background(folder, options.server, options.token)


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def _await(sender: "Optional[subprocess.Popen[bytes]]") -> None:
    if sender is None:
        return
    try:
        sender.wait(_UPLOAD_WAIT)
    except subprocess.TimeoutExpired:
        _say(tr("The upload goes on in the background; `autoglm-debug upload` sends what it leaves behind"))


def _summary(options: argparse.Namespace, document: Document, stream: Any) -> None:
    nested = nest(document)
    if options.json:
        print(json.dumps(_figures(document, options), ensure_ascii=False), file=stream, flush=True)
        return
    covered = percent(1 - nested.unaccounted / nested.total) if nested.total else "–"
    sentence = tr("did not become ready in {total}") if nested.failed else tr("ready in {total}")
    print(
        "autoglm-debug: " + sentence.format(total=duration(nested.total)),
        tr("{count} phases cover {share}", count=len(nested.items), share=covered),
        *_remarks(document),
        tr("snapshot in {path}", path=options.output),
        sep="; ",
        file=stream,
        flush=True,
    )
    if getattr(options, "verbose", False) and nested.items:
        span = (nested.start_time, nested.start_time + nested.total)
        print(draw(nested.items, shutil.get_terminal_size().columns, span=span), file=stream, flush=True)


def _figures(document: Document, options: argparse.Namespace) -> Dict[str, Any]:
    nested = nest(document)
    return {
        "launch_id": document["launch_id"],
        "status": "failed" if nested.failed else "success",
        "total_ns": nested.total,
        "unaccounted_ns": nested.unaccounted,
        "phases": len(nested.items),
        "labels": document.get("labels", {}),
        "output": options.output,
    }


def _remarks(document: Document) -> List[str]:
    labels = document.get("labels", {})
    found = [tr("profile {name}", name=labels["profile"])] if "profile" in labels else []
    if "profile_missing" in labels:
        found.append(tr("no line of {phases}: did its wording change?", phases=labels["profile_missing"]))
    reasons = [phase["attributes"]["reason"] for phase in document["phases"] if "reason" in phase.get("attributes", {})]
    return found + reasons


def _say(text: str) -> None:
    print(f"autoglm-debug: {text}", file=sys.stderr, flush=True)
