"""Several messages of one group as one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagnostics.delivery.layout import sections
from diagnostics.delivery.message import Message, Section, Severity

_WEIGHT = [Severity.INFO, Severity.RESOLVED, Severity.WARNING, Severity.CRITICAL]


def combined(messages: Sequence[Message]) -> Message:
    """One message that says all; the heaviest severity is its own.

    HTML cannot be put together: the text stands for it.
    """
    if len(messages) == 1:
        return messages[0]
    if all(section.about for one in messages for section in one.sections or [Section("")]):
        return _newest(messages)
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


def _newest(messages: Sequence[Message]) -> Message:
    """What is so now, the heaviest first: who reads “critical” above what ended while it waited would get up for it."""
    states: dict[str, Section] = {}
    for message in messages:
        for section in message.sections:
            # Alone, a section leaves its heading and address to the message.
            heading, url = section.heading or message.subject, section.url or message.url
            states[section.about] = replace(section, heading=heading, url=url)
    told = sorted(states.values(), key=lambda one: -_WEIGHT.index(Severity(one.severity)))
    first, alone = told[0], len(told) == 1
    return Message(
        subject=first.heading if alone else f"{first.heading} (+{len(told) - 1})",
        text="\n\n".join("\n".join([one.heading, *one.lines, *([] if alone else [one.url])]) for one in told),
        url=first.url,
        severity=Severity(first.severity),
        sections=[replace(first, heading="", url="")] if alone else told,
        language=messages[0].language,
    )


def _heading(message: Message) -> str:
    """The subject, unless the text begins with it."""
    return "" if message.text.startswith(message.subject) else message.subject


def _section(message: Message) -> Section:
    lines: list[str] = []
    for section in sections(message):
        lines += [section.heading, *section.lines] if section.heading else section.lines
    return Section(message.subject, lines, message.url)
