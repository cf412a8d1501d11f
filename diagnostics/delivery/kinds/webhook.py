"""Any program: a signed POST.

``{"id", "subject", "text", "url", "severity", "sections": [{"heading", "lines", "url"}], "sent_at"}`` with the headers
``X-Launchscope-Delivery`` (the id: the same when a message comes again), ``X-Launchscope-Timestamp`` (s) and
``X-Launchscope-Signature: sha256=`` hex of HMAC-SHA256(secret, timestamp + "." + body). Any answer 2xx is a receipt.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from diagnostics.delivery.kinds.hook import Hook, encoded, now_seconds
from diagnostics.delivery.kinds.kind import Kind, Place, Rate
from diagnostics.delivery.message import Message


def webhook_pieces(message: Message, place: Place) -> Sequence[Any]:
    kept = message.as_json()
    kept["sections"] = [{name: one[name] for name in ("heading", "lines", "url")} for one in kept["sections"]]
    return [{name: kept[name] for name in ("subject", "text", "url", "severity", "sections")}]


def signature(secret: str, timestamp: int, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


class Webhook(Hook):
    def content(self) -> bytes:
        return encoded({"id": self.key, "sent_at": now_seconds(), **self.piece})

    def headers(self, content: bytes) -> dict[str, str]:
        timestamp = now_seconds()
        headers = {
            **super().headers(content),
            "X-Launchscope-Delivery": self.key,
            "X-Launchscope-Timestamp": str(timestamp),
            "X-Launchscope-Signature": signature(self.place.secrets["secret"], timestamp, content),
        }
        if authorization := self.place.secrets.get("authorization"):
            headers["Authorization"] = authorization
        return headers


KIND = Kind(webhook_pieces, Webhook, [Rate(10, 1), Rate(300, 60)])
