"""Puts what was seen of a launch into one snapshot, in the full form of the wire contract."""

from __future__ import annotations

import os
import signal
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from diagnostics.agent import environment, import_time
from diagnostics.agent.broken_off import fail, sentence_of
from diagnostics.agent.kept_lines import KeptLines
from diagnostics.agent.lines import Line
from diagnostics.agent.masking import mask_text, secrets_of
from diagnostics.agent.profiled import Report
from diagnostics.agent.profiling import Profiling
from diagnostics.agent.record import read_spool
from diagnostics.agent.recording import ENDED, READY, Recording
from diagnostics.agent.waiting import headline

Document = Dict[str, Any]
Phases = List[Dict[str, Any]]
_READINESS = ("pod_ready", "health_ok", "ready_line", "first_success")


class About(NamedTuple):
    """Whose launch it is. ``labels`` were given by a person and beat those that were found."""

    launch_id: str
    service: str
    environment: str
    version: str
    host: Mapping[str, Any]
    labels: Mapping[str, str]
    config: Mapping[str, Mapping[str, Any]]


def from_recording(recording: Recording, about: About, verbose: bool = False) -> Document:
    """The snapshot of a command that was run. Secrets in its output, arguments and environment are hidden."""
    command = recording.wanted.command
    secrets = secrets_of(recording.wanted.environment, command)
    ready = recording.outcome == READY
    profiled = recording.profiling.finish(recording.end_time, ready, verbose)
    inside = _recorded_inside(recording)
    start = recording.launch.start_time
    # The many small modules around any threshold come and go from launch to launch: 0.5 % of it keeps them out.
    least = max(import_time.LEAST_NS, (recording.end_time - start) // 200)
    imports = import_time.phases(recording.imports, verbose, least)
    phases = [*profiled.phases, *inside.get("phases", []), *imports]
    if not ready:
        fail(phases, start, recording.end_time, reason(recording), _evidence(recording, secrets))
    labels = {
        **environment.labels(command, recording.wanted.environment, recording.files),
        **environment.gpus(),
        **_facts(recording),
        **profiled.labels,
        **_report(profiled.report),
        **inside.get("labels", {}),
    }
    milestones = {**inside.get("milestones", {}), "process_start": start, **recording.readiness.milestones}
    config = {**(environment.configuration(recording.wanted.environment) if verbose else {}), **about.config}
    told = about._replace(
        service=about.service or inside.get("service", ""),
        environment=about.environment or inside.get("environment", ""),
        version=about.version or inside.get("version", ""),
        config=config,
    )
    return _document(told, phases, _milestones(milestones, ready), labels, recording.kept.events(secrets))


def from_lines(lines: Iterable[Line], profiling: Profiling, about: About, verbose: bool = False) -> Document:
    """The snapshot of a launch that only a saved log tells of; it starts with the first line."""
    kept, start, last = KeptLines(), 0, 0
    for line in lines:
        start, last = start or line.time, max(last, line.time)
        profiling.feed(line)
        # What is printed after readiness is the service's life, not its launch.
        if profiling.ready is None or line.time <= profiling.ready.time:
            kept.add(line)
    ready, failure = profiling.ready, profiling.failure
    end = ready.time if ready else last
    profiled = profiling.finish(end, ready is not None, verbose)
    if failure and not ready:
        fail(profiled.phases, start, failure.time, sentence_of(failure.text), {})
    milestones = {"process_start": start, **({"ready_line": ready.time} if ready else {})}
    labels = {**profiled.labels, **_report(profiled.report), "recorded_from": "log"}
    return _document(about, profiled.phases, milestones, labels, kept.events())


def from_spool(snapshot: Document, about: About) -> Document:
    """What a program recorded of itself with the SDK, completed by what it did not say."""
    told = {name: value for name, value in about._asdict().items() if value}
    labels = {**snapshot.get("labels", {}), **about.labels}
    return {
        **told,
        **snapshot,
        **{k: told[k] for k in ("service", "environment", "version") if k in told},
        "labels": labels,
    }


def reason(recording: Recording) -> str:
    """Why the launch did not get ready, in one sentence."""
    if recording.outcome != ENDED:
        return f"not ready after {recording.wanted.timeout:g} s"
    code = recording.exit_code or 0
    if code > 128:
        try:
            return f"ended by signal {code - 128} ({signal.Signals(code - 128).name}) before it was ready"
        except ValueError:
            pass
    return f"ended with exit code {code} before it was ready"


def _recorded_inside(recording: Recording) -> Document:
    """What the launched program recorded itself, through the SDK."""
    file = recording.wanted.recordings / f"{recording.wanted.launch_id}.jsonl"
    try:
        snapshot = read_spool(file, until=recording.end_time)
    except (OSError, ValueError):
        return {}
    # Recorded after readiness: not the launch's any more.
    snapshot["phases"] = [phase for phase in snapshot["phases"] if phase["start_time"] <= recording.end_time]
    ready = recording.outcome == READY
    for phase in snapshot["phases"]:
        if ready and phase["attributes"].get("open"):
            phase["status"] = "success"
        if phase["parent"] is None:
            # Not told, rather than none: imports and the profile's phases may be around it.
            del phase["parent"]
        # An exception's text may quote what it was given.
        texts = {name: mask_text(value) for name, value in phase["attributes"].items() if isinstance(value, str)}
        phase["attributes"].update(texts)
    known = {phase["id"] for phase in snapshot["phases"]}
    for phase in snapshot["phases"]:
        phase["depends_on"] = [other for other in phase["depends_on"] if other in known]
    return snapshot


def _evidence(recording: Recording, secrets: Sequence[str]) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    if recording.kept.count:
        found["last_line"] = mask_text(recording.kept.latest, secrets)
    if recording.waiting:
        found["waiting_for"] = headline(recording.waiting)
        found["processes"] = [process.document() for process in recording.waiting[:32]]
    return found


def _facts(recording: Recording) -> Dict[str, str]:
    facts: Dict[str, Any] = {
        **recording.usage,
        "ready_by": ", ".join(dict.fromkeys(recording.readiness.by)),
        "exit_code": recording.exit_code,
        "files_bytes": recording.cached.size_bytes or None,
        "files_cached_share": recording.cached.share,
        "lines_not_read": sum(stream.unread for stream in recording.launch.streams) or None,
        "cpus_used": len(os.sched_getaffinity(0)),
    }
    if recording.kernel and recording.kernel.reason:
        facts["kernel_messages"] = f"not readable: {recording.kernel.reason}"
    trouble = next((stream.trouble for stream in recording.launch.streams if stream.trouble), "")
    if trouble:
        facts["agent_trouble"] = trouble
    return {name: str(value) for name, value in facts.items() if value not in (None, "")}


def _report(report: Report) -> Dict[str, str]:
    labels = {"profile": " ".join(report.profiles)}
    for name, phases in (("profile_missing", report.missing), ("profile_unended", report.unended)):
        if phases:
            labels[name] = ", ".join(phases)
    return labels


def _milestones(milestones: Mapping[str, int], ready: bool) -> Dict[str, int]:
    if ready:
        return dict(milestones)
    # One of several conditions was met, not all: it must not end the launch.
    return {f"only_{name}" if name in _READINESS else name: time for name, time in milestones.items()}


def _document(
    about: About,
    phases: Phases,
    milestones: Mapping[str, int],
    labels: Mapping[str, str],
    events: Sequence[Mapping[str, Any]],
    config: Optional[Mapping[str, Any]] = None,
) -> Document:
    document: Document = {"schema": 1, "launch_id": about.launch_id}
    for name in ("service", "environment", "version"):
        if getattr(about, name):
            document[name] = getattr(about, name)
    document["host"] = dict(about.host)
    document["labels"] = {**labels, **about.labels}
    document["config"] = {**about.config, **(config or {})}
    document["milestones"] = dict(milestones)
    document["phases"] = sorted(phases, key=lambda phase: (phase["start_time"], -phase["duration_ns"]))
    document["events"] = list(events)
    return document
