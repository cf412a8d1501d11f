"""Where a launch that did not get ready broke off, and why: as attributes of the phase it was in."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from diagnostics.agent.masking import mask_text

Phases = List[Dict[str, Any]]


def fail(phases: Phases, start: int, end: int, why: str, evidence: Mapping[str, Any]) -> None:
    """Leave no doubt about where the launch broke off: the phase it was in, else the time since the last one."""
    open_ones = [phase for phase in phases if phase["status"] == "failed"]
    if not open_ones:
        last = max((phase["start_time"] + phase["duration_ns"] for phase in phases), default=start)
        begun = min(last, end)
        phases.append(
            {
                "phase": "unfinished",
                "start_time": begun,
                "duration_ns": end - begun,
                "status": "failed",
                "id": "unfinished",
                "parent": None,
                "attributes": {},
            }
        )
        open_ones = phases[-1:]
    open_ones[-1]["attributes"].update({"reason": why, **evidence})


def sentence_of(text: str) -> str:
    """One line of a failure's text: of a traceback, what it begins and what it ends with."""
    rows = [row.strip() for row in text.splitlines() if row.strip()] or [""]
    return mask_text(rows[0] if len(rows) == 1 else f"{rows[0]} … {rows[-1]}")[:500]
