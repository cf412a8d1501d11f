"""Rules look, alerts are raised: each change is told once, then its state.

``kinds`` says what can be looked for, ``machine`` when a condition counts, ``observing`` makes and ends alerts. Others
raise alerts of their own kind of rule by ``rules_for``, ``fire`` and ``calm``.
"""

from diagnostics.alerting.firing import calm, fire, rules_for
from diagnostics.alerting.kinds import KINDS
from diagnostics.alerting.subject import Subject

__all__ = ["KINDS", "Subject", "calm", "fire", "rules_for"]
