"""Receivers on loopback that refuse, as the products do, what is not in the form that the products document."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.outbound.serving import Heard, Reply, site

SECRET = "SECverysecretvalue0123456789"


def _json(told: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})


def slack(heard: Heard) -> Reply:
    """https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"""
    body = json.loads(heard.body)
    blocks = body.get("blocks", [])
    fine = body["text"] and 0 < len(blocks) <= 50 and all(map(_slack_block, blocks))
    return Reply(200, b"ok") if fine else Reply(400, b"invalid_blocks")


def _slack_block(block: dict[str, Any]) -> bool:
    text = block["text"]
    if block["type"] == "header":
        return text["type"] == "plain_text" and 0 < len(text["text"]) <= 150
    return block["type"] == "section" and text["type"] == "mrkdwn" and 0 < len(text["text"]) <= 3000


def wecom(heard: Heard) -> Reply:
    """https://developer.work.weixin.qq.com/document/path/91770"""
    body = json.loads(heard.body.decode("utf-8"))
    content = body["markdown"]["content"] if body["msgtype"] == "markdown" else ""
    if "key" not in parse_qs(urlsplit(heard.path).query):
        return _json({"errcode": 93000, "errmsg": "invalid webhook url"})
    if not 0 < len(content.encode()) <= 2048:
        return _json({"errcode": 40058, "errmsg": "markdown.content exceed max length 2048. invalid Request Parameter"})
    return _json({"errcode": 0, "errmsg": "ok"})


def dingtalk(heard: Heard) -> Reply:
    """https://open.dingtalk.com/document/orgapp/customize-robot-security-settings"""
    query = {name: values[0] for name, values in parse_qs(urlsplit(heard.path).query).items()}
    stamp = query.get("timestamp", "")
    digest = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    signed = query.get("sign") == base64.b64encode(digest).decode()
    if not signed or abs(int(stamp) / 1000 - time.time()) > 3600:
        return _json({"errcode": 310000, "errmsg": "sign not match"})
    body = json.loads(heard.body)
    fine = body["msgtype"] == "markdown" and body["markdown"]["title"] and body["markdown"]["text"]
    if not fine or len(heard.body) > 20_000:
        return _json({"errcode": 40035, "errmsg": "缺少参数 json"})
    return _json({"errcode": 0, "errmsg": "ok"})


def feishu(heard: Heard) -> Reply:
    """https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot"""
    body = json.loads(heard.body)
    key = f"{body.get('timestamp')}\n{SECRET}".encode()
    if body.get("sign") != base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode():
        return _json({"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"})
    if abs(int(body["timestamp"]) - time.time()) > 3600 or len(heard.body) > 20_480:
        return _json({"code": 9499, "msg": "Bad Request"})
    (post,) = body["content"]["post"].values()
    tags = {tag["tag"]: tag for paragraph in post["content"] for tag in paragraph}
    fine = body["msg_type"] == "post" and post["title"] and tags.keys() <= {"text", "a"}
    return _json({"code": 0, "msg": "success", "data": {}} if fine else {"code": 9499, "msg": "Bad Request"})


def teams(heard: Heard) -> Reply:
    """https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook"""
    body = json.loads(heard.body)
    (attached,) = body["attachments"]
    card = attached["content"]
    fine = (
        body["type"] == "message"
        and attached["contentType"] == "application/vnd.microsoft.card.adaptive"
        and card["type"] == "AdaptiveCard"
        and card["version"] == "1.4"
        and all(block["inlines"][0]["text"] for block in card["body"])
        and len(heard.body) <= 28 * 1024
    )
    return Reply(202, b"") if fine else Reply(400, b"Bad payload received by generic incoming webhook.")


def webhook(heard: Heard) -> Reply:
    """docs/operations.md, “Webhook”."""
    stamp = heard.headers["X-Launchscope-Timestamp"]
    digest = hmac.new(SECRET.encode(), stamp.encode() + b"." + heard.body, hashlib.sha256).hexdigest()
    signed = hmac.compare_digest("sha256=" + digest, heard.headers["X-Launchscope-Signature"])
    recent = abs(time.time() - int(stamp)) < 300
    same = json.loads(heard.body)["id"] == heard.headers["X-Launchscope-Delivery"]
    return Reply(204) if signed and recent and same else Reply(401, b"bad signature")


PRODUCTS: dict[str, tuple[Callable[[Heard], Reply], str]] = {
    "slack": (slack, "/services/T01/B02/slacktokenslacktoken"),
    "wecom": (wecom, "/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"),
    "dingtalk": (dingtalk, "/robot/send?access_token=566cc69da782ec33e42541b45e08551f09fbe864eb8ac112e994b43887"),
    "feishu": (feishu, "/open-apis/bot/v2/hook/cccc-feishutoken-eeee"),
    "teams": (teams, "/workflows/abcdef/triggers/manual/paths/invoke?api-version=1&sig=teamsignature"),
    "webhook": (webhook, "/hooks/launchscope"),
}


@dataclass
class Receiver:
    """A product on loopback. ``replies`` go out first, one a request; then it answers as the product does."""

    kind: str
    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    hold: threading.Event | None = None

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(one.body) for one in self.heard]

    @property
    def secrets(self) -> dict[str, str]:
        return {"url": self.url} | ({"secret": SECRET} if self.kind in ("dingtalk", "feishu", "webhook") else {})

    def answer(self, heard: Heard) -> Reply:
        if self.hold:
            self.hold.wait(30)
        return self.replies.pop(0) if self.replies else PRODUCTS[self.kind][0](heard)


@contextmanager
def receiving(kind: str) -> Iterator[Receiver]:
    receiver = Receiver(kind)
    with site(receiver.answer) as running:
        receiver.heard = running.heard
        receiver.url = running.url(PRODUCTS[kind][1])
        yield receiver
