"""Rules look, alerts are raised: each change is told once, then its state.

``kinds`` says what can be looked for, ``machine`` when a condition counts, ``observing`` makes and ends alerts. Others
raise alerts of their own kind of rule by ``rules_for``, ``fire`` and ``calm``.
"""

from diagnostics.alerting.evaluating import concerned, evaluate, forgotten, patrol
from diagnostics.alerting.firing import calm, fire, rules_for
from diagnostics.alerting.kinds import KINDS
from diagnostics.alerting.subject import Subject
from diagnostics.alerting.telling import tell

__all__ = [
    "KINDS",
    "Subject",
    "calm",
    "concerned",
    "evaluate",
    "fire",
    "forgotten",
    "patrol",
    "rules_for",
    "tell",
]
