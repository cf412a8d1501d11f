"""What the chat channels have in common: a title with its mark, sections, a link. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.delivery.message import Message, Section, Severity

MARKS = {Severity.CRITICAL: "🔴 ", Severity.WARNING: "🟠 ", Severity.RESOLVED: "🟢 ", Severity.INFO: ""}
OPEN = {"en": "Open in Launchscope", "zh-hans": "在 Launchscope 中打开"}


def title(message: Message) -> str:
    return MARKS[message.severity] + (message.subject.strip() or "Launchscope")


def sections(message: Message) -> Sequence[Section]:
    return message.sections or [Section("", message.text.splitlines())]


def link_label(language: str) -> str:
    return OPEN.get(language, OPEN["en"])
