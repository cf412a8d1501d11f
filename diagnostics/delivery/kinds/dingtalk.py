"""DingTalk (钉钉) custom robot.

``{"msgtype": "markdown", "markdown": {"title": …, "text": …}}``, at most 20,000 bytes; with a secret the address gets
``timestamp`` (ms) and ``sign`` = base64(HMAC-SHA256(secret, "timestamp\\nsecret")); answers ``{"errcode": 0, …}``, also
for refusals, with status 200; 20 messages a minute, and ten minutes of silence for more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote_plus

from diagnostics.delivery import layout
from diagnostics.delivery.kinds.hook import Hook, encoded, json_of, refused, unclear
from diagnostics.delivery.kinds.kind import Kind, Outcome, Place, Rate
from diagnostics.delivery.message import Message
from diagnostics.delivery.splitting import numbered, pieces, shortened
from diagnostics.outbound import Answer

TEXT = 18_000  # of 20,000 bytes; the rest is for the title and the JSON around
_TITLE = 200
_TOO_FAST, _BUSY = {130101, 410100}, -1
_MARKUP = re.compile(r"([\\`*_\[\]<>#~|])")


def dingtalk_pieces(message: Message, place: Place) -> Sequence[Any]:
    title = shortened(layout.title(message), _TITLE)
    texts = pieces(_lines(message, place), TEXT, lambda text: len(encoded(text)), joint="  \n")
    return [_piece(title + numbered(n, len(texts)), text) for n, text in enumerate(texts or [""], start=1)]


def _piece(title: str, text: str) -> dict[str, Any]:
    # The title is only for the list of chats, so it stands over the text once more.
    return {"msgtype": "markdown", "markdown": {"title": title, "text": f"#### {plain(title)}\n\n{text}".rstrip()}}


def _lines(message: Message, place: Place) -> Iterator[str]:
    for section in layout.sections(message):
        heading = plain(shortened(section.heading, _TITLE))
        if section.url:
            yield _link(heading or layout.link_label(place.language), section.url)
        elif heading:
            yield f"**{heading}**"
        yield from map(plain, section.lines)
    if message.url:
        yield _link(layout.link_label(place.language), message.url)


def _link(label: str, url: str) -> str:
    return f"[{label}]({url.replace(' ', '%20').replace(')', '%29')})"


def plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def signature(secret: str, timestamp: int) -> str:
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class DingTalk(Hook):
    def address(self) -> str:
        url, secret = self.place.secrets["url"], self.place.secrets.get("secret", "")
        if not secret:
            return url
        timestamp = int(time.time() * 1000)
        joint = "&" if "?" in url else "?"
        return f"{url}{joint}timestamp={timestamp}&sign={quote_plus(signature(secret, timestamp))}"

    def judge(self, answer: Answer) -> Outcome:
        told = json_of(answer)
        if "errcode" not in told:
            return unclear(answer)
        code, text = told["errcode"], told.get("errmsg", "")
        if code == 0:
            return Outcome(arrived=True)
        too_fast = code in _TOO_FAST
        return refused(code, text, throttled=too_fast or code == _BUSY, after=600 if too_fast else None)


KIND = Kind(dingtalk_pieces, DingTalk, [Rate(20, 60)])
