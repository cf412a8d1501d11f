"""One thing looked at: what was expected, what is, and what shows it."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Sequence, Union

GOOD, WARNING, FAILED, UNKNOWN = "good", "warning", "failed", "unknown"
Value = Union[str, int, float, None]


class Check(NamedTuple):
    """``layer`` is one of orchestration, network, storage, memory, cpu, accelerator, config, dependency, application.

    ``expected`` and ``actual`` are in ``unit`` (empty for text); ``evidence`` are lines as they were read; ``advice``
    is a sentence where something should be done. ``message`` is the whole in one sentence.
    """

    name: str
    layer: str
    state: str
    message: str
    expected: Value = None
    actual: Value = None
    unit: str = ""
    evidence: Sequence[str] = ()
    advice: str = ""

    def document(self) -> Dict[str, Any]:
        """As the ``probe`` artifact holds it."""
        return {
            "name": self.name,
            "layer": self.layer,
            "state": self.state,
            "message": self.message,
            "expected": self.expected,
            "actual": self.actual,
            "unit": self.unit,
            "evidence": list(self.evidence),
            "advice": self.advice,
        }
