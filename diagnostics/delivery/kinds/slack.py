"""Slack, incoming webhook.

``{"text": …, "blocks": [{"type": "header", …}, {"type": "section", "text": {"type": "mrkdwn", "text": …}}]}``; at most
50 blocks a message, 150 characters a header, 3,000 a section; answers ``ok``; one message a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diagnostics.delivery import layout
from diagnostics.delivery.kinds.hook import Hook
from diagnostics.delivery.kinds.kind import Kind, Place, Rate
from diagnostics.delivery.message import Message, Section
from diagnostics.delivery.splitting import numbered, pages, pieces, shortened

BLOCKS, HEADER, SECTION = 50, 150, 3000
_LINK = str.maketrans({"|": "%7C", "<": "%3C", ">": "%3E", " ": "%20"})


def slack_pieces(message: Message, place: Place) -> Sequence[Any]:
    blocks = [block for section in layout.sections(message) for block in _blocks(section)]
    if message.url:
        blocks.append(_section(_link(message.url, layout.link_label(place.language))))
    # One block of each message is its header.
    told = pages(blocks, BLOCKS - 1, lambda _: 1) or [[]]
    return [_message(layout.title(message), numbered(n, len(told)), page) for n, page in enumerate(told, start=1)]


def _message(title: str, number: str, blocks: list[Any]) -> dict[str, Any]:
    header = shortened(title, HEADER - len(number)) + number
    first = {"type": "header", "text": {"type": "plain_text", "text": header, "emoji": True}}
    return {"text": escaped(header), "blocks": [first, *blocks], "unfurl_links": False}


def _blocks(section: Section) -> list[dict[str, Any]]:
    heading = shortened(section.heading, 300)
    linked = _link(section.url, heading or section.url) if section.url else escaped(heading)
    lines = [f"*{linked}*"] if linked else []
    texts = pieces([*lines, *map(escaped, section.lines)], SECTION)
    return [_section(text) for text in texts if text.strip()]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _link(url: str, label: str) -> str:
    return f"<{escaped(url.translate(_LINK))}|{escaped(label).replace('|', '¦')}>"


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Slack(Hook):
    """Every refusal of Slack's is a status: 403 invalid_token, 404 no_service, 410 channel_is_archived, 429."""


KIND = Kind(slack_pieces, Slack, [Rate(1, 1)])
