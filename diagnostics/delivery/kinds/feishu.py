"""Feishu (飞书) and Lark custom robot.

``{"msg_type": "post", "content": {"post": {"zh_cn": {"title": …, "content": [[{"tag": "text", "text": …}]]}}}}``, at
most 20 KB; with a secret also ``timestamp`` (s) and ``sign`` = base64(HMAC-SHA256("timestamp\\nsecret", "")) in the
body; answers ``{"code": 0, …}``, older ones ``{"StatusCode": 0, …}``; 5 messages a second and 100 a minute.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from typing import Any

from diagnostics.delivery import layout
from diagnostics.delivery.kinds.hook import Hook, encoded, json_of, now_seconds, refused, unclear
from diagnostics.delivery.kinds.kind import Kind, Outcome, Place, Rate
from diagnostics.delivery.message import Message
from diagnostics.delivery.splitting import numbered, pages, pieces, shortened, utf8_bytes
from diagnostics.outbound import Answer

CONTENT = 18_000  # of 20 KB
_TITLE, _LINE = 200, 4000
_TOO_FAST = {11232, 99991400}
_LOCALES = {"zh-hans": "zh_cn", "en": "en_us"}

Paragraph = list[dict[str, Any]]


def feishu_pieces(message: Message, place: Place) -> Sequence[Any]:
    title = shortened(layout.title(message), _TITLE)
    told = pages(_paragraphs(message, place), CONTENT, lambda one: len(encoded(one)) + 1) or [[]]
    locale = _LOCALES.get(place.language, "en_us")
    return [_piece(title + numbered(n, len(told)), page, locale) for n, page in enumerate(told, start=1)]


def _piece(title: str, paragraphs: list[Paragraph], locale: str) -> dict[str, Any]:
    return {"msg_type": "post", "content": {"post": {locale: {"title": title, "content": paragraphs}}}}


def _paragraphs(message: Message, place: Place) -> Iterator[Paragraph]:
    for section in layout.sections(message):
        heading = shortened(section.heading, _TITLE)
        if section.url:
            yield [_link(heading or layout.link_label(place.language), section.url)]
        elif heading:
            yield [{"tag": "text", "text": heading, "style": ["bold"]}]
        for line in section.lines:
            yield from ([{"tag": "text", "text": part}] for part in pieces([line], _LINE, utf8_bytes))
    if message.url:
        yield [_link(layout.link_label(place.language), message.url)]


def _link(label: str, url: str) -> dict[str, Any]:
    return {"tag": "a", "text": label, "href": url}


def signature(secret: str, timestamp: int) -> str:
    digest = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Feishu(Hook):
    def content(self) -> bytes:
        secret = self.place.secrets.get("secret", "")
        if not secret:
            return encoded(self.piece)
        timestamp = now_seconds()
        return encoded({"timestamp": str(timestamp), "sign": signature(secret, timestamp), **self.piece})

    def judge(self, answer: Answer) -> Outcome:
        told = json_of(answer)
        code = told.get("code", told.get("StatusCode"))
        if code is None:
            return unclear(answer)
        if code == 0:
            return Outcome(arrived=True)
        return refused(code, told.get("msg", told.get("StatusMessage", "")), throttled=code in _TOO_FAST)


KIND = Kind(feishu_pieces, Feishu, [Rate(5, 1), Rate(100, 60)])
