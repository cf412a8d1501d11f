"""The life of a regression: every change of its state goes through here, and is written down with who made it.

People (and programs with an admin token) ``decide``; detection tells what it has ``sighted``, and what has ``settled``.
Each of them holds the service's row while it works, so that two of them never see a family in different states.
"""

from diagnostics.triage.deciding import MOVES, Decision, TriageError, decide
from diagnostics.triage.history import LAUNCHSCOPE, Actor, moved
from diagnostics.triage.settling import settle
from diagnostics.triage.sighting import Sighting, sight

__all__ = [
    "LAUNCHSCOPE",
    "MOVES",
    "Actor",
    "Decision",
    "Sighting",
    "TriageError",
    "decide",
    "moved",
    "settle",
    "sight",
]
