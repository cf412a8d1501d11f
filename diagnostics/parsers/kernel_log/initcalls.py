"""What ``initcall_debug`` makes the kernel say: each built-in's and module's start, result and time, as phases.

::

    calling  nvme_init+0x0/0x1000 [nvme] @ 234
    initcall nvme_init+0x0/0x1000 [nvme] returned 0 after 123 usecs
    probe of 0000:00:1f.2 returned 0 after 42 usecs
"""

from __future__ import annotations

import re
from typing import Any

from diagnostics.records import Event, Phase, PhaseStatus

CALLING = re.compile(r"calling +(?P<function>[^\s+]+)\+0x\S+(?: \[(?P<module>[^\]]+)\])? @ +(?P<pid>\d+)", re.ASCII)
RETURNED = re.compile(
    r"(?:(?P<kind>initcall) (?:0x\S+: )?(?P<function>[^\s+]+)\+0x\S+(?: \[(?P<module>[^\]]+)\])?|"
    r"(?P<probe>probe) of (?P<device>.+?)) returned (?P<result>-?\d{1,10}) after (?P<time>\d{1,12}) (?P<unit>[mu]secs)",
    re.ASCII,
)
UNITS = {"usecs": 1_000, "msecs": 1_000_000}
NOT_THERE = (-19, -6)  # ENODEV, ENXIO: a driver without its device, which the kernel does not call an error either
MOST_OPEN = 10_000
WORDS = frozenset({"calling", "initcall", "probe"})


class Initcalls:
    """Pairs calls with their returns; ``phase`` of the return is the whole call."""

    def __init__(self) -> None:
        self.count = 0
        self._called: dict[tuple[str, str | None], tuple[int, int]] = {}

    def read(self, event: Event, text: str) -> tuple[dict[str, Any], Phase | None] | None:
        """The fields of a message about a call, and its phase if it has ended; ``None`` for other messages."""
        if calling := CALLING.match(text):
            if len(self._called) < MOST_OPEN:
                self._called[calling["function"], calling["module"]] = event.time, int(calling["pid"])
            return {**calling.groupdict(), "pid": int(calling["pid"])}, None
        returned = RETURNED.match(text)
        if returned is None:
            return None
        fields = {name: value for name, value in returned.groupdict().items() if value and name not in DETAILS}
        fields |= {"result": int(returned["result"]), "duration_ns": int(returned["time"]) * UNITS[returned["unit"]]}
        return fields, self._phase(event, fields)

    def _phase(self, event: Event, fields: dict[str, Any]) -> Phase:
        duration, name = fields["duration_ns"], fields.get("function") or fields["device"]
        began, pid = self._called.pop((name, fields.get("module")), (max(event.time - duration, 0), None))
        is_probe = "device" in fields
        failed = fields["result"] < 0 and fields["result"] not in NOT_THERE
        attributes = {"result": fields["result"], "module": fields.get("module"), "pid": pid, "line": event.line}
        phase = Phase(
            position=self.count,
            name=f"{'probe' if is_probe else 'initcall'} {name}",
            start_time=began,
            duration=duration,
            status=PhaseStatus.FAILED if failed else PhaseStatus.SUCCESS,
            lane="kernel",
            attributes={key: value for key, value in attributes.items() if value is not None},
        )
        self.count += 1
        return phase


DETAILS = ("kind", "probe", "result", "time", "unit")
