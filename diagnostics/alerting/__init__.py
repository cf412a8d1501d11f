"""Rules look, alerts are raised: each change is told once, then its state.

``kinds`` says what can be looked for, ``machine`` when a condition counts, ``observing`` makes and ends alerts. Others
raise alerts of their own kind of rule by ``rules_for``, ``fire`` and ``calm``.
"""

from diagnostics.alerting.alert_error import AlertError
from diagnostics.alerting.deciding import MOVES, decide
from diagnostics.alerting.evaluating import concerned, evaluate, forgotten, patrol
from diagnostics.alerting.firing import calm, fire, rules_for
from diagnostics.alerting.kinds import KINDS
from diagnostics.alerting.muting import end_mute, mute
from diagnostics.alerting.rehearsal import Rehearsal, rehearse
from diagnostics.alerting.rules import Wanted, delete_rule, drafted, save_rule, switch_rule
from diagnostics.alerting.subject import Subject
from diagnostics.alerting.telling import tell
from diagnostics.alerting.unused import why_unused

__all__ = [
    "KINDS",
    "MOVES",
    "AlertError",
    "Rehearsal",
    "Subject",
    "Wanted",
    "calm",
    "concerned",
    "decide",
    "delete_rule",
    "drafted",
    "end_mute",
    "evaluate",
    "fire",
    "forgotten",
    "mute",
    "patrol",
    "rehearse",
    "rules_for",
    "save_rule",
    "switch_rule",
    "tell",
    "why_unused",
]
