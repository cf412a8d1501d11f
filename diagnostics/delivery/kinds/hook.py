"""The kinds that are told by a POST of JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from diagnostics.delivery.kinds.kind import Carrier, Outcome
from diagnostics.outbound import Answer, Limits, OutboundError, Reason, request

_HOPELESS = {Reason.URL, Reason.FORBIDDEN}
_PASSING = {408, 421, 423, 425, 429}


class Hook(Carrier):
    """Posts a piece. Apprise's own plugins for these products take any 200 for success, where they refuse in the body,
    lose ``Retry-After``, and ask no guard where an address leads; so its sending is ours, and its dispatch theirs."""

    def address(self) -> str:
        return self.place.secrets["url"]

    def content(self) -> bytes:
        return encoded(self.piece)

    def headers(self, content: bytes) -> dict[str, str]:
        return {"Content-Type": "application/json; charset=utf-8"}

    def judge(self, answer: Answer) -> Outcome:
        """What an answer 2xx means; products that say more in the body look there."""
        return Outcome(arrived=True)

    def carry(self) -> Outcome:
        content = self.content()
        limits = Limits(seconds=settings.DELIVERY_TIMEOUT, size=65536)
        try:
            answer = request("POST", self.address(), headers=self.headers(content), content=content, limits=limits)
        except OutboundError as error:
            return Outcome(arrived=False, error=error.message, again=error.reason not in _HOPELESS)
        return self.judge(answer) if 200 <= answer.status < 300 else _failed(answer)


def encoded(piece: Any) -> bytes:
    return json.dumps(piece, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def json_of(answer: Answer) -> Mapping[str, Any]:
    """The object in the answer; an empty one when there is none."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def refused(code: object, text: object, *, throttled: bool = False, after: float | None = None) -> Outcome:
    """The product answered 200 and said in the body that it did not take the message."""
    error = _("It answered with error %(code)s: %(text)s") % {"code": code, "text": text}
    return Outcome(arrived=False, error=error, again=throttled, throttled=throttled, after=after)


def unclear(answer: Answer) -> Outcome:
    """A 200 by somebody who is not the product: a proxy's page, a wrong address."""
    words = {"status": answer.status, "text": _excerpt(answer) or _("nothing")}
    error = _("The answer (%(status)s) is not what this product answers: %(text)s") % words
    return Outcome(arrived=False, error=error)


def _failed(answer: Answer) -> Outcome:
    error = _("It answered %(status)s: %(text)s") % {"status": answer.status, "text": _excerpt(answer) or _("nothing")}
    again = answer.status >= 500 or answer.status in _PASSING
    after = retry_after(answer.headers.get("retry-after", "")) if again else None
    return Outcome(arrived=False, error=error, again=again, throttled=answer.status == 429, after=after)


def retry_after(text: str) -> float | None:
    """Seconds, from seconds or an HTTP date; at most an hour, whatever was said."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()
    return min(max(seconds, 0.0), 3600.0) if seconds == seconds else None


def now_seconds() -> int:
    return int(time.time())


def _excerpt(answer: Answer) -> str:
    """Whole: cut before it is masked, it could end in half a secret."""
    return " ".join(answer.body.decode("utf-8", "replace").split())
