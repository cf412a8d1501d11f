"""What the groups of calls have in common: one request, whose answer is a JSON object or a file."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

Document = Dict[str, Any]


class Asking:
    """Calls are methods; how they are sent is the client's."""

    def _call(
        self,
        method: str,
        path: str,
        query: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        content_type: str = "application/json",
        repeats: bool = False,
    ) -> Any:
        raise NotImplementedError

    def _document(self, method: str, path: str, **more: Any) -> Document:
        answer: Document = self._call(method, path, **more)
        return answer


def told(fields: Mapping[str, Any]) -> Document:
    """What is said at all: None is left out."""
    return {name: value for name, value in fields.items() if value is not None}
