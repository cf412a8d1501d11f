"""A launch out of everything that was sent for it: its snapshot, and what Kubernetes and its own logs tell beside it.

What comes first does not matter: each time something arrives, the launch is made anew from what every artifact tells on
its own. Of two that tell the same, the first in the order of ``PARTS`` is believed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Q

from diagnostics.analysis.hierarchy import nest
from diagnostics.analysis.launch import analyse
from diagnostics.ingest import pods, storing, trace_parts
from diagnostics.ingest.parts import Part
from diagnostics.ingest.rows import PHASE_COLUMNS, copy, phase_rows
from diagnostics.models import Artifact, ArtifactPhase, Host, Launch, PhaseRecord
from diagnostics.records import OF_ONE_LAUNCH, Kind, LaunchAnalysis, Milestone, ParseError, Phase

CLUSTER = (Kind.K8S_POD, Kind.K8S_EVENTS)
# Each stands in for a snapshot where there is none: a log's phases are those that the snapshot was made of, and a boot
# is a launch of its own.
INSTEAD = (Kind.CONTAINER_LOG, Kind.SYSTEMD_ANALYZE, Kind.KERNEL_LOG)
# Phases of these never nest in the process's own: they are another's view of the same time.
BESIDE = (*CLUSTER, Kind.OTLP, Kind.PYTHON_IMPORTTIME, *(kind for kind in OF_ONE_LAUNCH if kind not in INSTEAD))
PARTS = (Kind.SNAPSHOT, *CLUSTER, *INSTEAD, *BESIDE[len(CLUSTER) :], Kind.CONFIG)
RECEIVED = {"dated_by": "upload"}  # the label of a launch of which nothing says when it was
# What the launch's own process says.
OWN = (Kind.SNAPSHOT, Kind.CONTAINER_LOG, Kind.OTLP)


def assemble(launch_id: uuid.UUID) -> None:
    """Make a launch anew from its artifacts, to be judged again; must run in a transaction.

    A launch that only its snapshot tells of is as its snapshot says, and one of which nothing is told yet waits.
    """
    launch = Launch.objects.select_for_update(of=("self",)).filter(pk=launch_id).first()
    if launch is None:
        return
    evidence = [*trace_parts.of_launch(launch), *_evidence(launch)]
    if not evidence and not launch.assembled:
        _reopen(launch)
        return
    parts = _of_this_launch([*_snapshots(launch), *evidence])
    for chosen in (parts, [part for part in parts if part.kind == Kind.SNAPSHOT]):
        if _assemble(launch, chosen):
            return


def assemble_new(launch: Launch, parts: Sequence[Part]) -> None:
    """The same for a launch that was made in this transaction, of which these parts are all that is told."""
    _assemble(launch, parts, is_new=True)


def _reopen(launch: Launch) -> None:
    if launch.state == Launch.State.JUDGED:
        Launch.objects.filter(pk=launch.pk).update(state=Launch.State.PARSED)


def _assemble(launch: Launch, parts: Sequence[Part], *, is_new: bool = False) -> bool:
    """Whether these parts fit together; if not (one's clock is far off), nothing was changed."""
    milestones: dict[str, int] = _merged(parts, "milestones")
    placed = _placed(parts, milestones)
    artifacts, phases = _joined(placed)
    about = _about(parts)
    if phases and not milestones and all(_clock(part) == "received" for part, _ in placed):
        about["labels"] = {**about["labels"], **RECEIVED}
    if not phases and not milestones:
        Launch.objects.filter(pk=launch.pk).update(assembled=True, **about)
        return True
    try:
        analysis = analyse(phases, milestones)
    except ParseError:
        return False
    _store(launch, analysis, artifacts, is_new)
    columns = storing.launch_columns(analysis, milestones)
    if any(part.kind in CLUSTER and part.phases for part in parts) and analysis.start_time < (_own_start(parts) or 0):
        columns["begins_with"] = Milestone.POD_CREATED.value
    Launch.objects.filter(pk=launch.pk).update(state=Launch.State.PARSED, assembled=True, **columns, **about)
    return True


def _store(launch: Launch, analysis: LaunchAnalysis, artifacts: Sequence[uuid.UUID], is_new: bool) -> None:
    series = storing.series_ids(launch.service_id, analysis.phases)
    with connection.cursor() as cursor:
        if not is_new:
            cursor.execute("DELETE FROM diagnostics_phase WHERE launch_id = %s", [launch.pk])
        copy(cursor, "diagnostics_phase", PHASE_COLUMNS, phase_rows(launch.pk, artifacts, analysis.phases, series))


def _of_this_launch(parts: Sequence[Part]) -> list[Part]:
    """The parts without what they tell of other pods, of earlier runs, and of what was told already."""
    names = _names(parts)
    start = _own_start(parts)
    seen: set[tuple[str, str]] = set()
    kept = []
    for part in parts:
        if part.kind not in CLUSTER:
            kept.append(part)
            continue
        phases = pods.of_launch(part.phases, names)
        milestones = {**(part.told.get("milestones") or {}), **pods.of_pod(part.artifact.facts, names)}
        if start is not None and pods.is_another_run(phases, part.artifact.facts, names, start):
            phases = pods.of_this_run(phases, start)
            milestones = {name: time for name, time in milestones.items() if time >= start - pods.ABOUT}
        phases = pods.once(phases, seen)
        seen |= {(phase.name, phase.lane) for phase in phases}
        kept.append(Part(part.artifact, phases, {**part.told, "milestones": milestones}))
    return kept


def _names(parts: Sequence[Part]) -> set[str]:
    """What the launch's pod may be called: its hostname is its name, and senders label what they know."""
    own = [part.told for part in parts if part.kind in OWN]
    hosts = [told["host"]["name"] for told in own if told.get("host")]
    labels = [told["labels"].get(key) for told in own if told.get("labels") for key in ("pod", "pod_name")]
    given = [part.artifact.given.get("host") for part in parts]
    return {name for name in (*hosts, *labels, *given) if name}


def _own_start(parts: Sequence[Part]) -> int | None:
    """When the process began, as it or its log tells; ``None`` when only Kubernetes tells of the launch."""
    own = next((part for part in parts if part.kind in OWN and _is_dated(part)), None)
    if own is None:
        return None
    told = (own.told.get("milestones") or {}).get(Milestone.PROCESS_START)
    return min([phase.start_time for phase in own.phases] + ([told] if told is not None else []), default=None)


def _is_dated(part: Part) -> bool:
    return part.artifact.facts.get("clock", "wall") == "wall" and bool(part.phases or part.told.get("milestones"))


def _evidence(launch: Launch) -> list[Part]:
    """Everything else that was read and tells of the launch itself, most believed first."""
    found = Artifact.objects.filter(launch=launch, state=Artifact.State.PARSED, kind__in=PARTS)
    found = found.filter(Q(counts__phases__gt=0) | Q(told__isnull=False)).exclude(kind=Kind.SNAPSHOT)
    # Spans that were posted are kept by their trace, whatever request brought them.
    found = found.exclude(kind=Kind.OTLP, given__has_key=trace_parts.BY_TRACE)
    ordered = sorted(found, key=lambda one: (PARTS.index(Kind(one.kind)), one.first_ns or 0, str(one.pk)))
    return [_read(artifact) for artifact in ordered]


def _snapshots(launch: Launch) -> list[Part]:
    """The snapshot, if there is one; there are never two."""
    found = Artifact.objects.filter(launch=launch, state=Artifact.State.PARSED, kind=Kind.SNAPSHOT)
    return [_snapshot(launch, artifact) for artifact in found]


def _snapshot(launch: Launch, artifact: Artifact) -> Part:
    """A snapshot's phases are kept nowhere but in its launch; its own word is noted before others are mixed in."""
    if artifact.told is None:
        boot = {"boot_id": launch.boot_id, "boot_time": launch.boot_time}
        artifact.told = {
            "milestones": launch.milestones,
            "labels": launch.labels,
            "config": launch.config,
            "version": launch.version,
            "host": {"name": launch.host.name, **boot} if launch.host else None,
        }
        artifact.save(update_fields=["told"])
    rows = PhaseRecord.objects.filter(launch=launch, artifact_id=artifact.pk).in_order()
    return Part(artifact, [_phase(row, row.series.name) for row in rows.iterator()], artifact.told)


def _read(artifact: Artifact) -> Part:
    rows = ArtifactPhase.objects.filter(artifact=artifact).order_by("position")
    phases = [_phase(row, row.name) for row in rows.iterator()]
    lane = "imports" if artifact.kind == Kind.PYTHON_IMPORTTIME else ""
    settled = _settled(phases, lane)
    if artifact.kind in CLUSTER:
        # What a pod's stages are made of stands in its events: they find their places among each other.
        settled = [msgspec.structs.replace(phase, is_root=False) for phase in settled]
    return Part(artifact, settled, artifact.told or {})


def _phase(row: PhaseRecord | ArtifactPhase, name: str) -> Phase:
    return Phase(
        position=row.position,
        name=name,
        start_time=row.start_time,
        duration=row.duration_ns,
        status=row.status,
        id=row.sender_id,
        parent=row.parent,
        # Where a stored phase of a launch hangs has been decided; one of an artifact has still to find its place.
        is_root=row.parent is None if isinstance(row, PhaseRecord) else row.is_root,
        depends_on=tuple(row.depends_on or ()),
        lane=row.lane,
        attributes=row.attributes or {},
    )


def _settled(phases: Sequence[Phase], lane: str) -> list[Phase]:
    """Phases nested among themselves, so that other artifacts' phases do not come between."""
    laned = [msgspec.structs.replace(phase, lane=phase.lane or lane) for phase in phases]
    try:
        parents = nest(laned).parents
    except ParseError:
        return []
    return [
        msgspec.structs.replace(phase, parent=parent, is_root=parent is None)
        for phase, parent in zip(laned, parents, strict=True)
    ]


def _placed(parts: Sequence[Part], milestones: Mapping[str, int]) -> list[tuple[Part, int]]:
    """The parts whose phases are the launch's, each with what moves them onto its clock, ns."""
    own = next((part.kind for part in parts if part.kind in (Kind.SNAPSHOT, *INSTEAD) and part.phases), None)
    start = milestones.get(Milestone.PROCESS_START, _own_start(parts))
    start = _traced_start(parts) if start is None else start
    chosen = [part for part in parts if part.kind == own or part.kind in BESIDE]
    anchored = [(part, _anchor(part, start)) for part in chosen]
    return [(part, shift) for part, shift in anchored if shift is not None]


def _traced_start(parts: Sequence[Part]) -> int | None:
    """When the launch began by the files of which each tells of one; those that know when they were come first."""
    starts = [
        (_clock(part) != "wall", min(phase.start_time for phase in part.phases))
        for part in parts
        if part.kind in OF_ONE_LAUNCH and part.phases and _clock(part) in ("wall", "received")
    ]
    return min(starts)[1] if starts else None


def _clock(part: Part) -> str:
    return str(part.artifact.facts.get("clock", "wall"))


def _anchor(part: Part, process_start: int | None) -> int | None:
    """What to add to a part's times; ``None`` when nothing says when they were."""
    clock = _clock(part)
    if part.kind == Kind.PYTHON_IMPORTTIME and clock != "wall":
        return process_start if part.artifact.first_ns is not None else None
    if part.kind in OF_ONE_LAUNCH and clock == "received" and part.phases and process_start is not None:
        return process_start - min(phase.start_time for phase in part.phases)
    if clock == "boot":
        return part.artifact.boot_time
    return 0 if clock == "wall" or (clock == "received" and part.kind in OF_ONE_LAUNCH) else None


def _joined(placed: Iterable[tuple[Part, int]]) -> tuple[list[uuid.UUID], list[Phase]]:
    """The artifact of each phase, and the phases of all parts with positions counted through."""
    artifacts: list[uuid.UUID] = []
    phases: list[Phase] = []
    for part, shift in placed:
        first = len(phases)
        if not (first or shift):
            artifacts += part.tellers or [part.artifact.pk] * len(part.phases)
            phases += part.phases
            continue
        for phase in part.phases:
            moved = msgspec.structs.replace(
                phase,
                position=first + phase.position,
                start_time=phase.start_time + shift,
                parent=None if phase.parent is None else first + phase.parent,
                depends_on=tuple(first + other for other in phase.depends_on),
            )
            artifacts.append(part.tellers[phase.position] if part.tellers else part.artifact.pk)
            phases.append(moved)
    return artifacts, pods.around_own_work(phases)


def _merged(parts: Sequence[Part], name: str) -> dict[str, Any]:
    """What the parts tell under a name; where there is a snapshot, its own log only repeats it."""
    has_snapshot = any(part.kind == Kind.SNAPSHOT for part in parts)
    merged: dict[str, Any] = {}
    for part in reversed(parts):
        if not (has_snapshot and part.kind in INSTEAD):
            merged |= part.told.get(name) or {}
    return merged


def _about(parts: Sequence[Part]) -> dict[str, Any]:
    """Version, labels, configuration and host of the launch, by column."""
    hosts: list[Mapping[str, Any]] = [part.told["host"] for part in parts if part.told.get("host")]
    name = hosts[0].get("name") if hosts else None
    same = [host for host in hosts if host.get("name") == name]
    return {
        "version": next((part.told["version"] for part in parts if part.told.get("version")), ""),
        "labels": _merged(parts, "labels"),
        "config": _merged(parts, "config"),
        "host": Host.objects.get_or_create(name=name)[0] if name else None,
        "boot_id": next((host["boot_id"] for host in same if host.get("boot_id")), ""),
        "boot_time": next((host["boot_time"] for host in same if host.get("boot_time")), None),
    }
