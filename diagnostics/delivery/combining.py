"""Several messages of one group as one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.delivery.layout import sections
from diagnostics.delivery.message import Message, Section, Severity

_WEIGHT = [Severity.INFO, Severity.RESOLVED, Severity.WARNING, Severity.CRITICAL]


def combined(messages: Sequence[Message]) -> Message:
    """One message that says all, oldest first; the heaviest severity is its own. HTML cannot be put together: the text
    stands for it."""
    if len(messages) == 1:
        return messages[0]
    heaviest = max(messages, key=lambda one: _WEIGHT.index(one.severity))
    return Message(
        subject=f"{heaviest.subject} (+{len(messages) - 1})",
        text="\n\n".join("\n".join(filter(None, [_heading(one), one.text, one.url])) for one in messages),
        url=heaviest.url,
        severity=heaviest.severity,
        sections=[_section(one) for one in messages],
        language=heaviest.language,
        attachments=[attached for one in messages for attached in one.attachments],
    )


def _heading(message: Message) -> str:
    """The subject, unless the text begins with it."""
    return "" if message.text.startswith(message.subject) else message.subject


def _section(message: Message) -> Section:
    lines: list[str] = []
    for section in sections(message):
        lines += [section.heading, *section.lines] if section.heading else section.lines
    return Section(message.subject, lines, message.url)
