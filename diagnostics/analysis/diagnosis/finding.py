"""What diagnosis says: one reason a launch was slow or failed, with what speaks for it and against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """Whose fault it is."""

    ORCHESTRATION = "orchestration"
    NETWORK = "network"
    STORAGE = "storage"
    MEMORY = "memory"
    CPU = "cpu"
    ACCELERATOR = "accelerator"
    CONFIG = "config"
    DEPENDENCY = "dependency"
    APPLICATION = "application"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """``critical``: the launch failed by it. ``warning``: it cost time worth getting back. ``notice``: worth knowing;
    also what could not be decided, and why."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence. ``artifact`` is the id of the file it stands in, ``line`` its line there (1-based);
    both are ``None`` for what the launch's own phases or history say. ``time`` is ns, or ``None``."""

    text: str
    artifact: str | None = None
    line: int | None = None
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnosed reason.

    ``reason`` is the rule's stable name (``oom-kill``); ``phase`` the path of the phase it concerns, ``None`` for the
    launch. ``expected`` and ``actual`` are in ``unit`` (``ns``, ``bytes``, ``bytes/s``, ``%``, ``1/s``, ``count``, or
    ``""`` for text). ``confidence`` is 0..1. ``cost`` (ns) is the time of the launch it accounts for, which orders
    findings of one severity. ``patch`` is YAML to copy, or ``""``. ``text`` is the finding in one sentence.
    """

    reason: str
    layer: Layer
    severity: Severity
    text: str
    phase: str | None = None
    expected: float | str | None = None
    actual: float | str | None = None
    unit: str = ""
    confidence: float = 0.5
    cost: int = 0
    evidence_for: Sequence[Proof] = ()
    evidence_against: Sequence[Proof] = ()
    advice: str = ""
    patch: str = ""
