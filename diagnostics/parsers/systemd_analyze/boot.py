"""What any of systemd-analyze's outputs tells of a boot, and the phases in it; times in ns since the kernel began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.records import HostFacts, Phase, PhaseStatus

# In the order they run, which is also the order they are printed in.
BEFORE_KERNEL = ("firmware", "loader")
STAGES = (*BEFORE_KERNEL, "kernel", "soft reboot", "initrd", "userspace")
MOST_UNITS = 20_000
_SHOWN = 200


@dataclass(slots=True)
class Unit:
    """A unit's start: ``start`` is ns since userspace began, ``None`` where only the duration was printed.

    ``waits_for`` are the units whose end it waited for, by their place in ``Boot.units``.
    """

    name: str
    start: int | None
    took: int
    waits_for: tuple[int, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    status: PhaseStatus = PhaseStatus.SUCCESS


@dataclass(slots=True)
class Boot:
    """``stages`` are durations by name; ``reached`` when targets were, ns after userspace began, ``None`` for never."""

    stages: dict[str, int] = field(default_factory=dict)
    total: int | None = None
    units: list[Unit] = field(default_factory=list)
    blame: list[tuple[str, int]] = field(default_factory=list)
    chain: list[dict[str, Any]] = field(default_factory=list)
    reached: dict[str, int | None] = field(default_factory=dict)
    host: str = ""
    is_since_kernel: bool = False  # said by the form, where no stage tells
    facts: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.stages or self.units or self.blame or self.chain)

    @property
    def userspace_start(self) -> int:
        return sum(self.stages.get(name, 0) for name in STAGES[2:-1])

    def clock(self, hints: Hints) -> str:
        """``wall`` where the upload said when the boot was, ``boot`` where zero is the kernel's own, else ``relative``:
        a container's, a user's session or a soft reboot, whose zero nothing in the file places."""
        if hints.boot_time is not None:
            return "wall"
        return "boot" if "kernel" in self.stages or self.is_since_kernel else "relative"

    def phases(self, hints: Hints) -> Iterator[Phase]:
        """The stages one after the other, then the units whose start is known."""
        origin = hints.boot_time or 0
        started = [n for n, unit in enumerate(self.units) if unit.start is not None]
        positions = {n: position for position, n in enumerate(started)}
        stages = list(self._stages())
        for position, (name, start, took) in enumerate(stages):
            yield Phase(position, name, origin + start, took, is_root=True)
        first, userspace = len(stages), origin + self.userspace_start
        parent = next((position for position, stage in enumerate(stages) if stage[0] == "userspace"), None)
        for n, position in positions.items():
            unit = self.units[n]
            yield Phase(
                position=first + position,
                name=unit.name,
                start_time=userspace + (unit.start or 0),
                duration=unit.took,
                status=unit.status,
                parent=self._within(unit, parent),
                depends_on=tuple(first + positions[other] for other in unit.waits_for if other in positions),
                attributes=unit.attributes,
            )

    def _within(self, unit: Unit, userspace: int | None) -> int | None:
        """Units of the initrd start before userspace does; time tells where they belong."""
        inside = unit.start is not None and 0 <= unit.start <= self.stages.get("userspace", 0)
        return userspace if inside else None

    def _stages(self) -> Iterator[tuple[str, int, int]]:
        start = -sum(self.stages.get(name, 0) for name in BEFORE_KERNEL)
        for name in sorted(self.stages, key=_order):
            yield name, start, self.stages[name]
            start += self.stages[name]

    def parsed_facts(self, hints: Hints) -> dict[str, Any]:
        facts = {
            "startup_ns": self.stages,
            "total_ns": self.total,
            "reached_ns": self.reached,
            "blame_rows": len(self.blame),
            "units": [{"unit": name, "took_ns": took} for name, took in self.blame[:_SHOWN]],
            "critical_chain": self.chain[:_SHOWN],
        }
        return {"clock": self.clock(hints), **self.facts, **{name: value for name, value in facts.items() if value}}

    def host_facts(self) -> HostFacts | None:
        return HostFacts(self.host) if self.host else None


def _order(name: str) -> int:
    return STAGES.index(name) if name in STAGES else len(STAGES)
