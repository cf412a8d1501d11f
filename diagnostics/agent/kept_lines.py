"""The launch's output as far as it is kept: its first and last lines, and those that the profile understood."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Dict, List, Sequence

from diagnostics.agent.lines import Line
from diagnostics.agent.masking import mask_text

FIRST, LAST = 500, 500
_LONGEST = 1_000


class KeptLines:
    """Bounded: at most ``FIRST`` + ``LAST`` lines of ``_LONGEST`` characters, whatever is fed."""

    def __init__(self) -> None:
        self.count = 0
        self._first: List[Line] = []
        self._last: Deque[Line] = deque(maxlen=LAST)

    def add(self, line: Line) -> None:
        self.count += 1
        line = line._replace(text=line.text[:_LONGEST])
        if len(self._first) < FIRST:
            self._first.append(line)
        else:
            self._last.append(line)

    @property
    def latest(self) -> str:
        """The last line that says anything, as it was."""
        lines = [*self._first, *self._last]
        return next((line.text.strip() for line in reversed(lines) if line.text.strip()), "")

    def events(self, secrets: Sequence[str] = ()) -> List[Dict[str, Any]]:
        """In the form of the wire contract, secrets hidden. A gap says how many lines it stands for."""
        lines = [_event(line, secrets) for line in self._first]
        left_out = self.count - len(self._first) - len(self._last)
        if left_out > 0:
            text = f"({left_out} lines are not kept)"
            lines.append({"time": self._first[-1].time, "source": "launchscope-agent", "text": text})
        return lines + [_event(line, secrets) for line in self._last]


def _event(line: Line, secrets: Sequence[str]) -> Dict[str, Any]:
    return {"time": line.time, "source": line.source, "text": mask_text(line.text, secrets)}
