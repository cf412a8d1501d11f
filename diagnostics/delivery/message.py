"""What is said, before any channel gives it its wire form. Pure: no Django."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Section:
    """One block of a chat message. ``about`` is what it tells the state of, which ``severity`` is: of two that wait
    together and are about the same, only the later one is said."""

    heading: str
    lines: Sequence[str] = ()
    url: str = ""
    about: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an e-mail; other channels leave it out. ``cid:NAME`` in the HTML shows an image of that name."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    subject: str  # one line
    text: str  # plain text, complete by itself
    url: str = ""  # absolute link to the proof
    severity: Severity = Severity.INFO
    html: str = ""  # a complete HTML e-mail body, else the text is used
    sections: Sequence[Section] = ()  # for chat channels; else the text is used
    attachments: Sequence[Attachment] = ()
    language: str = ""  # of the words above; else the channel's

    def as_json(self) -> dict[str, Any]:
        """For the outbox; `from_json` reads it."""
        return {
            "subject": " ".join(_storable(self.subject).split()),
            "text": _storable(self.text),
            "url": _storable(self.url),
            "severity": self.severity.value,
            "language": self.language,
            "html": _storable(self.html),
            "sections": [
                {
                    "heading": _storable(one.heading),
                    "lines": [*map(_storable, one.lines)],
                    "url": _storable(one.url),
                    "about": one.about,
                    "severity": str(one.severity),
                }
                for one in self.sections
            ],
            "attachments": [
                {"name": one.name, "content_type": one.content_type, "content": b64encode(one.content).decode()}
                for one in self.attachments
            ],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Message:
        return cls(
            subject=kept["subject"],
            text=kept["text"],
            url=kept.get("url", ""),
            severity=Severity(kept.get("severity", Severity.INFO)),
            html=kept.get("html", ""),
            language=kept.get("language", ""),
            sections=[Section(**one) for one in kept.get("sections", ())],
            attachments=[
                Attachment(one["name"], one["content_type"], b64decode(one["content"]))
                for one in kept.get("attachments", ())
            ],
        )


def _storable(text: str) -> str:
    """PostgreSQL keeps neither NUL nor halves of surrogate pairs, and log lines that are quoted may hold both."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
