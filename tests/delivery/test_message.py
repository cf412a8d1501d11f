"""What is kept in the outbox is what was said."""

from __future__ import annotations

import json

from diagnostics.delivery import Attachment, Message, Section, Severity


def test_a_message_is_kept_whole() -> None:
    said = Message(
        "权重加载变慢",
        "weights: 12 s",
        url="https://launchscope.example.com/launches/1/",
        severity=Severity.CRITICAL,
        html="<p>12 s</p>",
        sections=[Section("weights", ["12 s instead of 8 s"], "https://launchscope.example.com/")],
        attachments=[Attachment("waterfall.png", "image/png", b"\x89PNG\x00\xff")],
    )
    assert Message.from_json(json.loads(json.dumps(said.as_json()))) == said


def test_the_least_message() -> None:
    assert Message.from_json({"subject": "a", "text": "b"}) == Message("a", "b", sections=[], attachments=[])
