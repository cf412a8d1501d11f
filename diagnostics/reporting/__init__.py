"""Scheduled reports: what got slower in a period, told once, with the proof.

`claim_due` and `make` are what beat and workers call; `preview` builds a report that is not kept.
"""

from diagnostics.reporting.content import Content, to_data
from diagnostics.reporting.gathering import Asked
from diagnostics.reporting.previewing import asked_now, preview, reworded
from diagnostics.reporting.rendering import table
from diagnostics.reporting.schedules import ScheduleError
from diagnostics.reporting.scheduling import Wanted, save_schedule, set_enabled
from diagnostics.reporting.sending import claim_due, content_of, make, send_now

__all__ = [
    "Asked",
    "Content",
    "ScheduleError",
    "Wanted",
    "asked_now",
    "claim_due",
    "content_of",
    "make",
    "preview",
    "reworded",
    "save_schedule",
    "send_now",
    "set_enabled",
    "table",
    "to_data",
]
