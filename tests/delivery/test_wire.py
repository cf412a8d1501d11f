"""Every kind delivers to a real receiver that refuses what its product would refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.delivery import KINDS, Message, Section, Severity, deliver, enqueue
from diagnostics.delivery.kinds import Place
from diagnostics.delivery.kinds.hook import encoded
from diagnostics.models import Delivery
from tests.delivery.conftest import MakeChannel, Receive, message
from tests.delivery.receivers import PRODUCTS

URL = "https://launchscope.example.com/regressions/7/"
CHINESE = Message(
    "权重加载变慢了 4 秒",
    "weights：12 秒，原来 8 秒",
    url=URL,
    severity=Severity.CRITICAL,
    sections=[
        Section("权重 <weights>", ["12 秒，原来 8 秒 & 更慢", "# 不是标题", "自 1.4.2 起"], URL),
        Section("compile_graphs", ["**3.1 s** instead of 1.0 s"]),
    ],
)
HOOKS = sorted(PRODUCTS)


@pytest.mark.parametrize("kind", HOOKS)
@pytest.mark.parametrize("said", [CHINESE, message(), Message("", " ")], ids=["chinese", "plain", "least"])
def test_each_product_takes_it(receive: Receive, make_channel: MakeChannel, kind: str, said: Message) -> None:
    receiver = receive(kind)
    enqueue([make_channel(kind, secrets=receiver.secrets, language="zh-hans")], said, once="a")
    deliver()
    row = Delivery.objects.get()
    assert (row.state, row.last_error) == ("sent", "")
    (heard,) = receiver.heard
    assert said.subject in heard.body.decode()
    if said is CHINESE:
        assert "原来 8 秒" in heard.body.decode()
        assert URL in heard.body.decode()


@pytest.mark.parametrize("kind", HOOKS)
def test_each_product_takes_a_long_one(receive: Receive, make_channel: MakeChannel, kind: str) -> None:
    receiver = receive(kind)
    lines = [f"第 {n} 行：阶段 weights/shard_{n} 用了 {n}.5 秒，原来 {n} 秒 🐢" for n in range(400)]
    said = Message(
        "慢" * 400, "\n".join(lines), sections=[Section(f"节 {n}", lines[n : n + 5]) for n in range(0, 400, 5)]
    )
    channel = make_channel(kind, secrets=receiver.secrets)
    (row,) = enqueue([channel], said, once="a")
    while deliver():
        channel.paused_until = None
        channel.sent_times = []
        channel.save(update_fields=["paused_until", "sent_times"])
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("sent", "")
    text = "\n".join(json.dumps(body, ensure_ascii=False) for body in receiver.bodies)
    # Nothing is left out, nothing said twice, and the order stays.
    places = [text.index(f"第 {n} 行") for n in range(400)]
    assert places == sorted(places)
    # A program gets text and sections.
    assert text.count("第 17 行") == (2 if kind == "webhook" else 1)
    if len(receiver.heard) > 1:
        assert all(f"({n}/{len(receiver.heard)})" in json.dumps(b) for n, b in enumerate(receiver.bodies, start=1))


def test_wecom_has_several_pieces(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("wecom")
    enqueue(
        [make_channel("wecom", secrets=receiver.secrets)], Message("长", "\n".join(["一行文字" * 20] * 30)), once="a"
    )
    deliver()
    assert len(receiver.heard) == 4
    # Cut at line ends: every line is whole.
    lines = [line for body in receiver.bodies for line in body["markdown"]["content"].splitlines()[1:]]
    assert lines == ["一行文字" * 20] * 30


SECTIONS = st.lists(
    st.builds(Section, st.text(max_size=400), st.lists(st.text(max_size=3000), max_size=60)), max_size=5
)


def _size(kind: str, piece: Any) -> int:
    return len(piece["markdown"]["content"].encode("utf-8")) if kind == "wecom" else len(encoded(piece))


@pytest.mark.parametrize(
    ("kind", "most"), [("wecom", 2048), ("dingtalk", 20_000), ("feishu", 20_000), ("teams", 28_000)]
)
@given(subject=st.text(max_size=700), sections=SECTIONS)
def test_no_piece_is_too_large(kind: str, most: int, subject: str, sections: list[Section]) -> None:
    kept = Message.from_json(json.loads(json.dumps(Message(subject, "x", sections=sections).as_json())))
    pieces = KINDS[kind].pieces(kept, Place("en", {}, {}))
    assert pieces
    assert all(_size(kind, piece) <= most for piece in pieces)


@given(subject=st.text(max_size=700), sections=SECTIONS)
def test_no_slack_message_is_too_large(subject: str, sections: list[Section]) -> None:
    for piece in KINDS["slack"].pieces(Message(subject, "x", sections=sections), Place("en", {}, {})):
        assert len(piece["blocks"]) <= 50
        assert len(piece["blocks"][0]["text"]["text"]) <= 150
        assert all(len(block["text"]["text"]) <= 3000 for block in piece["blocks"])


def test_slack_shows_what_was_written() -> None:
    (piece,) = KINDS["slack"].pieces(CHINESE, Place("en", {}, {}))
    header, first, second, link = (block["text"]["text"] for block in piece["blocks"])
    assert header == "🔴 权重加载变慢了 4 秒"
    assert first.startswith(f"*<{URL}|权重 &lt;weights&gt;>*\n12 秒，原来 8 秒 &amp; 更慢")
    assert second.startswith("*compile_graphs*")
    assert link == f"<{URL}|Open in Launchscope>"


def test_wecom_shows_what_was_written() -> None:
    (piece,) = KINDS["wecom"].pieces(CHINESE, Place("zh-hans", {}, {}))
    lines = piece["markdown"]["content"].splitlines()
    assert lines[0] == "**🔴 权重加载变慢了 4 秒**"
    assert lines[1] == f"[权重 ＜weights＞]({URL})".replace("＞", ">")
    assert lines[3] == "\u200b# 不是标题"
    assert "**3.1" not in piece["markdown"]["content"]
    assert lines[-1] == f"[在 Launchscope 中打开]({URL})"


@pytest.mark.parametrize("kind", ["slack", "wecom", "dingtalk", "teams"])
def test_a_message_that_says_its_language_speaks_it_throughout(
    receive: Receive, make_channel: MakeChannel, kind: str
) -> None:
    """A Chinese report on an English channel does not end in English."""
    receiver = receive(kind)
    said = Message("报告", "没有变慢", url=URL, language="zh-hans")
    enqueue([make_channel(kind, secrets=receiver.secrets, language="en")], said, once="a")
    deliver()
    (body,) = receiver.bodies
    told = json.dumps(body, ensure_ascii=False)
    assert "在 Launchscope 中打开" in told
    assert "Open in Launchscope" not in told
