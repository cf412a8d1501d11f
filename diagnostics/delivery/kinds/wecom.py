"""WeCom (企业微信) group robot.

``{"msgtype": "markdown", "markdown": {"content": …}}``, at most 2,048 bytes; answers ``{"errcode": 0, "errmsg":
"ok"}``, also for refusals, with status 200; 20 messages a minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from diagnostics.delivery import layout
from diagnostics.delivery.kinds.hook import Hook, json_of, refused, unclear
from diagnostics.delivery.kinds.kind import Kind, Outcome, Place, Rate
from diagnostics.delivery.message import Message
from diagnostics.delivery.splitting import numbered, pieces, shortened, utf8_bytes
from diagnostics.outbound import Answer

CONTENT = 2048  # bytes; 4,096 is told for Markdown in places, and 2,048 holds everywhere
_TITLE = 400
_TOO_FAST, _BUSY = 45009, -1
# WeCom knows no escapes: what would begin markup is shown by a character that looks like it.
_PLAIN = str.maketrans({"<": "＜", "`": "ˋ", "[": "［", "]": "］"})


def wecom_pieces(message: Message, place: Place) -> Sequence[Any]:
    title = plain(shortened(layout.title(message), _TITLE, utf8_bytes))
    # Room for the title over each piece, its number and the marks around it.
    room = CONTENT - utf8_bytes(f"**{title} (999/999)**\n")
    texts = pieces(_lines(message, place), room, utf8_bytes) or [""]
    return [
        {"msgtype": "markdown", "markdown": {"content": f"**{title}{numbered(n, len(texts))}**\n{text}".rstrip()}}
        for n, text in enumerate(texts, start=1)
    ]


def _lines(message: Message, place: Place) -> Iterator[str]:
    for section in layout.sections(message):
        heading = plain(shortened(section.heading, _TITLE, utf8_bytes))
        if section.url:
            yield link(heading or layout.link_label(place.language), section.url)
        elif heading:
            yield f"**{heading}**"
        yield from map(plain, section.lines)
    if message.url:
        yield link(layout.link_label(place.language), message.url)


def link(label: str, url: str) -> str:
    return f"[{label}]({url.replace(' ', '%20').replace(')', '%29')})"


def plain(text: str) -> str:
    """The text with nothing in it that WeCom would take for markup."""
    text = text.translate(_PLAIN).replace("**", "∗∗")
    return f"\u200b{text}" if text.lstrip().startswith(("#", ">")) else text


class WeCom(Hook):
    def judge(self, answer: Answer) -> Outcome:
        told = json_of(answer)
        if "errcode" not in told:
            return unclear(answer)
        code, text = told["errcode"], told.get("errmsg", "")
        if code == 0:
            return Outcome(arrived=True)
        return refused(code, text, throttled=code in (_TOO_FAST, _BUSY), after=60 if code == _TOO_FAST else None)


KIND = Kind(wecom_pieces, WeCom, [Rate(20, 60)])
