"""Microsoft Teams, by a workflow “when a Teams webhook request is received”.

``{"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]}``,
at most 28 KB; answers 202. An old connector's address answers 200 with ``1``, or with a sentence when it failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from diagnostics.delivery import layout
from diagnostics.delivery.kinds.hook import Hook, encoded, refused
from diagnostics.delivery.kinds.kind import Kind, Outcome, Place, Rate
from diagnostics.delivery.message import Message, Severity
from diagnostics.delivery.splitting import numbered, pages, pieces, shortened, utf8_bytes
from diagnostics.outbound import Answer

CARD = 24_000  # of 28 KB; the rest is for title, link and what stands around
_TITLE, _LINE = 300, 4000
_COLORS = {Severity.CRITICAL: "Attention", Severity.WARNING: "Warning", Severity.RESOLVED: "Good"}


def teams_pieces(message: Message, place: Place) -> Sequence[Any]:
    told = pages(_blocks(message), CARD, lambda block: len(encoded(block)) + 1) or [[]]
    return [_piece(message, place, numbered(n, len(told)), page) for n, page in enumerate(told, start=1)]


def _piece(message: Message, place: Place, number: str, blocks: list[Any]) -> dict[str, Any]:
    heading = _text(
        shortened(layout.title(message), _TITLE) + number,
        weight="Bolder",
        size="Large",
        color=_COLORS.get(message.severity, "Default"),
    )
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [heading, *blocks],
        "msteams": {"width": "Full"},
    }
    if message.url:
        card["actions"] = [_open(layout.link_label(place.language), message.url)]
    content_type = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": content_type, "contentUrl": None, "content": card}]}


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    for section in layout.sections(message):
        if section.heading:
            more = {"selectAction": _open(section.heading, section.url)} if section.url else {}
            yield _text(shortened(section.heading, _TITLE), weight="Bolder", **more)
        for line in section.lines:
            for part in pieces([line], _LINE, utf8_bytes):
                yield _text(part)


def _text(text: str, **run: Any) -> dict[str, Any]:
    """A TextBlock would take names with * and _ for Markdown; a run of text is shown as it is."""
    return {
        "type": "RichTextBlock",
        "spacing": "Small",
        "inlines": [{"type": "TextRun", "text": text or " ", **run}],
    }


def _open(title: str, url: str) -> dict[str, Any]:
    return {"type": "Action.OpenUrl", "title": shortened(title, 100), "url": url}


class Teams(Hook):
    def judge(self, answer: Answer) -> Outcome:
        text = answer.body.decode("utf-8", "replace")
        if "delivery failed" in text:
            return refused(answer.status, text, throttled="429" in text)
        return Outcome(arrived=True)


KIND = Kind(teams_pieces, Teams, [Rate(4, 1), Rate(60, 60)])
