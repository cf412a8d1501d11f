"""Alerts and their messages in Chinese: nothing of them stays English."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Message

from diagnostics.models import Channel, Delivery, Service
from requirements import messages
from tests.alerting.conftest import MakeRule
from tests.alerting.launches import launched

KEPT = messages.kept()


def of_alerts() -> list[Message]:
    own = [one for one in messages.found() if any("alert" in place for place, _ in one.locations)]
    assert len(own) > 200
    return own


@pytest.mark.parametrize("one", of_alerts(), ids=lambda one: str(one.id)[:50])
def test_every_text_of_alerts_is_translated(one: Message) -> None:
    key = one.id[0] if isinstance(one.id, tuple) else one.id
    translation = KEPT.get(key, one.context)
    assert translation is not None
    assert messages.translated(translation)


def test_a_message_in_the_language_of_its_channel(rule: MakeRule, service: Service) -> None:
    from diagnostics.alerting import evaluate

    Channel.objects.create(name="群", kind="wecom", language="zh-hans")
    rule("launch-limit", settings={"limit_s": 5}, name="太慢")
    evaluate(launched(service, 9).pk)
    said = Delivery.objects.get().message
    assert said["subject"] == "警告: open-autoglm · prod: 启动用时 9.0 s，超过 5.0 s"
    assert "规则“太慢”：启动用时超过 5 s" in said["text"]
