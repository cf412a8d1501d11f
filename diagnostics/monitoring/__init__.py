"""Monitors: health checks of services, run by workers at fixed instants.

``run_due`` claims what is due and asks; ``record`` keeps what was seen and tells the alert rules; ``save`` is the only
way to make or change a monitor; ``restarted_after`` says what a launch followed on.
"""

from diagnostics.monitoring.checking import Seen, look
from diagnostics.monitoring.editing import MonitorError, WantedMonitor, delete, header_names, save, switch
from diagnostics.monitoring.pruning import prune
from diagnostics.monitoring.recording import record
from diagnostics.monitoring.restarts import Restart, restarted_after
from diagnostics.monitoring.running import check_now, run_due
from diagnostics.monitoring.timeouts import ProbeTable, probe_tables

__all__ = [
    "MonitorError",
    "ProbeTable",
    "Restart",
    "Seen",
    "WantedMonitor",
    "check_now",
    "delete",
    "header_names",
    "look",
    "probe_tables",
    "prune",
    "record",
    "restarted_after",
    "run_due",
    "save",
    "switch",
]
