"""Change points in the history of a total or a phase: looking back over all of it, and looking on at every new run."""

from diagnostics.analysis.change_points.offline import ChangePoint, change_points
from diagnostics.analysis.change_points.online import Alarm, Watch, Watches, replay
from diagnostics.analysis.change_points.perfherder import perfherder_alerts
from diagnostics.analysis.change_points.settings import DEFAULT, Settings

__all__ = [
    "DEFAULT",
    "Alarm",
    "ChangePoint",
    "Settings",
    "Watch",
    "Watches",
    "change_points",
    "perfherder_alerts",
    "replay",
]
