"""What is known of launches besides how long they took, and which of it goes with slow and fast ones. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from diagnostics.agent.masking import mask_text, mask_value
from diagnostics.analysis.what_changed import Change, Described, what_changed
from diagnostics.models import Launch
from diagnostics.records import LaunchStatus

# Labels that name a launch or its run: they always differ, and say nothing.
NAMES = ("run", "deploy", "rollout", "container", "pod")
MOST = 100  # changes told
AROUND = 20  # launches on each side of a regression's beginning


def changes(baseline: Sequence[Launch], candidate: Sequence[Launch]) -> list[Change]:
    """Ranked, at most ``MOST``. Settings count only where both sides tell any: an agent that was asked for none has
    changed nothing."""
    sides = [_described(side) for side in (baseline, candidate)]
    told = all(any(launch.config for launch in side) for side in (baseline, candidate))
    found = what_changed(*sides)
    return [one for one in found if told or not one.field.startswith("config ")][:MOST]


def changes_since(first: Launch) -> list[Change]:
    """What the launches from this one on differ in from those before it: the nearest of each, as good as it."""
    like = Launch.objects.comparable_to(first).filter(status=LaunchStatus.SUCCESS).exclude(state=Launch.State.RECEIVED)
    like = like.select_related("service", "host").defer("gaps")
    before = like.filter(start_time__lt=first.start_time).order_by("-start_time", "-id")[:AROUND]
    since = like.filter(start_time__gte=first.start_time).order_by("start_time", "id")[:AROUND]
    return changes(list(before), list(since)) if before and since else []


def _described(side: Sequence[Launch]) -> list[Described]:
    """Of launches that got ready, which alone have a time to ready; of all, if none did."""
    ready = [launch for launch in side if launch.status == LaunchStatus.SUCCESS]
    return [Described(launch.total_ns or 0, dict(_fields(launch))) for launch in ready or side]


def _fields(launch: Launch) -> Iterator[tuple[str, str]]:
    """Later ones win, so columns beat labels of the same name. Nothing known is no field."""
    for name, setting in launch.config.items():
        yield f"config {name}", mask_value(name, _text(setting.get("actual") if isinstance(setting, dict) else setting))
    for name, value in launch.labels.items():
        if name not in NAMES:
            yield name, mask_text(_text(value))
    known = {
        "service": launch.service.name,
        "environment": launch.service.environment,
        "version": launch.version,
        "host": launch.host.name if launch.host else "",
        "start_class": launch.start_class,
    }
    yield from ((name, value) for name, value in known.items() if value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
