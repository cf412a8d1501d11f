"""Told once, at the right time, or seen to be dead."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from diagnostics.delivery import Section, Severity, deliver, enqueue, send_test, try_again
from diagnostics.delivery.claiming import claim, seconds_to_next
from diagnostics.delivery.kinds.hook import retry_after
from diagnostics.delivery.sending import delay
from diagnostics.models import Channel, Delivery
from tests.conftest import wait_until
from tests.delivery.conftest import MakeChannel, Receive, message
from tests.delivery.receivers import Receiver
from tests.outbound.serving import Reply

NEVER = timedelta(days=2)


@pytest.fixture(autouse=True)
def no_gathering(settings: Settings) -> None:
    settings.DELIVERY_GATHER = 0


def let_time_pass() -> None:
    """As if the back-off, the pauses and the windows of the rates were over."""
    Delivery.objects.update(next_try_at=timezone.now())
    Channel.objects.update(paused_until=None, sent_times=[])


def test_an_error_is_tried_again_later(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("slack")
    receiver.replies = [Reply(500, b"no"), Reply(503, b"no")]
    (row,) = enqueue([make_channel("slack", secrets=receiver.secrets)], message(), once="a")
    waits = []
    for attempt in (1, 2):
        assert deliver() == 1
        assert deliver() == 0
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("waiting", attempt)
        waits.append((row.next_try_at - timezone.now()).total_seconds())
        let_time_pass()
    assert "500" not in row.last_error
    assert "503" in row.last_error
    assert 6 < waits[0] < 13 < 20 < waits[1] < 38
    assert deliver() == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, len(receiver.heard)) == ("sent", 3, 3)


def test_the_back_off_grows_to_an_hour_and_varies() -> None:
    assert [round(sum(delay(n) for _ in range(500)) / 5000) for n in (1, 2, 3, 4)] == [1, 3, 9, 27]
    assert 2600 < delay(40) <= 4500
    assert len({delay(1) for _ in range(20)}) > 10
    assert delay(1, after=900) == 900


def test_what_never_works_is_dead_and_can_be_tried_again(
    receive: Receive, make_channel: MakeChannel, settings: Settings
) -> None:
    settings.DELIVERY_ATTEMPTS = 3
    receiver = receive("slack")
    receiver.replies = [Reply(500)] * 3
    (row,) = enqueue([make_channel("slack", secrets=receiver.secrets)], message(), once="a")
    for _ in range(5):
        deliver()
        let_time_pass()
    row.refresh_from_db()
    assert (row.state, row.attempts, len(receiver.heard)) == ("dead", 3, 3)
    assert Delivery.objects.counts() == {("slack", "dead"): 1}
    try_again(row)
    deliver()
    row.refresh_from_db()
    assert (row.state, len(receiver.heard)) == ("sent", 4)


@pytest.mark.parametrize(
    ("kind", "reply"),
    [
        ("slack", Reply(403, b"invalid_token")),
        ("slack", Reply(302, b"", {"Location": "http://127.0.0.1/elsewhere"})),
        ("wecom", Reply(200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}')),
        ("dingtalk", Reply(200, '{"errcode": 310000, "errmsg": "关键词不匹配"}'.encode())),
        ("feishu", Reply(200, b'{"code": 19024, "msg": "Key Words Not Found"}')),
        ("webhook", Reply(401, b"bad signature")),
    ],
)
def test_a_refusal_is_not_tried_again(receive: Receive, make_channel: MakeChannel, kind: str, reply: Reply) -> None:
    receiver = receive(kind)
    receiver.replies = [reply]
    (row,) = enqueue([make_channel(kind, secrets=receiver.secrets)], message(), once="a")
    deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("dead", 1)
    assert row.last_error


@pytest.mark.parametrize(
    ("kind", "reply", "seconds"),
    [
        ("slack", Reply(429, b"", {"Retry-After": "30"}), 30),
        ("wecom", Reply(200, b'{"errcode": 45009, "errmsg": "api freq out of limit"}'), 60),
        ("dingtalk", Reply(200, b'{"errcode": 130101, "errmsg": "send too fast"}'), 600),
        ("feishu", Reply(200, b'{"code": 11232, "msg": "frequency limited"}'), 7),
    ],
)
def test_too_fast_waits_as_long_as_it_says_and_is_not_dropped(
    receive: Receive, make_channel: MakeChannel, settings: Settings, kind: str, reply: Reply, seconds: float
) -> None:
    settings.DELIVERY_ATTEMPTS = 1
    receiver = receive(kind)
    receiver.replies = [reply, reply]
    channel = make_channel(kind, secrets=receiver.secrets)
    (row,) = enqueue([channel], message(), once="a")
    (other,) = enqueue([channel], message(), once="b")
    for _ in range(2):
        let_time_pass()
        deliver()
        row.refresh_from_db()
        channel.refresh_from_db()
        assert row.state == "waiting"
        assert channel.paused_until is not None
        assert channel.paused_until - timezone.now() > timedelta(seconds=seconds - 2)
        assert deliver() == 0
    for _ in range(2):
        let_time_pass()
        deliver()
    assert {row.state for row in Delivery.objects.all()} == {"sent"}
    assert other.pk


def test_too_fast_for_days_is_dead(receive: Receive, make_channel: MakeChannel, settings: Settings) -> None:
    settings.DELIVERY_ATTEMPTS = 1
    receiver = receive("slack")
    receiver.replies = [Reply(429)]
    (row,) = enqueue([make_channel("slack", secrets=receiver.secrets)], message(), once="a")
    Delivery.objects.update(created_at=timezone.now() - NEVER)
    deliver()
    row.refresh_from_db()
    assert row.state == "dead"


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("30") == 30
    assert retry_after("-3") == 0
    assert retry_after("999999") == 3600
    assert retry_after("nan") is retry_after("soon") is retry_after("") is None
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def test_wecom_gets_twenty_a_minute(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("wecom")
    channel = make_channel("wecom", secrets=receiver.secrets)
    for n in range(25):
        enqueue([channel], message(), once=str(n))
    assert deliver() == 20
    wait = seconds_to_next()
    assert wait is not None
    assert 40 < wait <= 60
    assert Delivery.objects.counts() == {("wecom", "sent"): 20, ("wecom", "waiting"): 5}
    let_time_pass()
    assert deliver() == 5
    assert len(receiver.heard) == 25


def test_slack_gets_one_a_second(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("slack")
    channel = make_channel("slack", secrets=receiver.secrets)
    for n in range(3):
        enqueue([channel], message(), once=str(n))
    assert deliver() == 1
    began = time.monotonic()
    assert deliver(patience=20) == 2
    assert time.monotonic() - began > 1.0
    assert len(receiver.heard) == 3


def test_a_slow_channel_keeps_no_other_waiting(receive: Receive, make_channel: MakeChannel) -> None:
    down, up = receive("slack"), receive("wecom")
    down.replies = [Reply(500)] * 9
    slack = make_channel("slack", secrets=down.secrets)
    wecom = make_channel("wecom", secrets=up.secrets)
    for n in range(5):
        enqueue([slack, wecom], message(), once=str(n))
    deliver()
    # After one failure the others of that channel are not tried: they would fare alike.
    assert (len(down.heard), len(up.heard)) == (1, 5)


def test_one_message_for_a_group(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("slack")
    channel = make_channel("slack", secrets=receiver.secrets)
    for n in range(4):
        severity = Severity.CRITICAL if n == 2 else Severity.WARNING
        enqueue([channel], message(f"launch {n} is slow", severity=severity), once=str(n), group="open-autoglm")
    enqueue([channel], message("another incident"), once="x", group="another")
    assert deliver() == 1
    let_time_pass()
    assert deliver() == 1
    first, second = receiver.bodies
    assert first["blocks"][0]["text"]["text"] == "🔴 launch 2 is slow (+3)"
    assert [f"launch {n} is slow" in str(first) for n in range(4)] == [True] * 4
    assert second["text"] == "another incident"
    assert Delivery.objects.counts() == {("slack", "sent"): 5}


def test_a_group_gathers_before_it_goes(receive: Receive, make_channel: MakeChannel, settings: Settings) -> None:
    settings.DELIVERY_GATHER = 60
    receiver = receive("slack")
    enqueue([make_channel("slack", secrets=receiver.secrets)], message(), once="1", group="g")
    assert deliver() == 0
    let_time_pass()
    assert deliver() == 1


def test_a_group_that_failed_stays_together(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("webhook")
    receiver.replies = [Reply(500)]
    channel = make_channel("webhook", secrets=receiver.secrets)
    for n in range(2):
        enqueue([channel], message(str(n)), once=str(n), group="g")
    deliver()
    enqueue([channel], message("2"), once="2", group="g")
    let_time_pass()
    deliver()
    first, second = receiver.bodies
    assert first["id"] == second["id"]
    assert [section["heading"] for section in second["sections"]] == ["0", "1", "2"]
    assert Delivery.objects.counts() == {("webhook", "sent"): 3}


def test_an_end_that_is_due_before_its_beginning_is_tried_again_is_told_last(
    receive: Receive, make_channel: MakeChannel
) -> None:
    receiver = receive("webhook")
    receiver.replies = [Reply(503)]
    channel = make_channel("webhook", secrets=receiver.secrets)
    for subject, severity in (("Critical: slow", Severity.CRITICAL), ("Resolved: slow", Severity.RESOLVED)):
        told = message(subject, severity=severity, sections=[Section("", [], "", "alert:1", severity)])
        enqueue([channel], told, once=subject, group="incident:1")
        let_time_pass()
        # The first waits for its second attempt when the second is due already.
        Delivery.objects.exclude(attempts=0).update(next_try_at=timezone.now() + timedelta(seconds=30))
        deliver()
    assert [body["subject"] for body in receiver.bodies] == ["Critical: slow", "Resolved: slow"]
    assert Delivery.objects.counts() == {("webhook", "sent"): 2}


def test_a_long_message_goes_on_where_it_stopped(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("wecom")
    receiver.replies = [Reply(200, b'{"errcode": 0}'), Reply(500)]
    lines = [f"line {n} " + "x" * 100 for n in range(40)]
    (row,) = enqueue([make_channel("wecom", secrets=receiver.secrets)], message(text="\n".join(lines)), once="a")
    deliver()
    row.refresh_from_db()
    assert (row.state, row.parts_sent) == ("waiting", 1)
    let_time_pass()
    deliver()
    row.refresh_from_db()
    assert row.state == "sent"
    contents = [body["markdown"]["content"] for body in receiver.bodies]
    del contents[1]  # what was refused came again
    assert [line for content in contents for line in content.splitlines()[1:]] == lines


def test_a_long_message_waits_for_its_channel_between_pieces(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("slack")
    sections = [Section(f"phase {n}", ["12 s"]) for n in range(120)]
    (row,) = enqueue([make_channel("slack", secrets=receiver.secrets)], message(sections=sections), once="a")
    deliver()
    row.refresh_from_db()
    assert (row.state, row.parts_sent, row.attempts) == ("waiting", 1, 0)
    assert deliver(patience=20) == 2
    assert len(receiver.heard) == 3
    row.refresh_from_db()
    assert row.state == "sent"


def test_a_disabled_channel_waits(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("slack")
    channel = make_channel("slack", secrets=receiver.secrets)
    enqueue([channel], message(), once="a")
    Channel.objects.update(enabled=False)
    assert deliver() == 0
    Channel.objects.update(enabled=True)
    assert deliver() == 1


def test_nothing_goes_where_the_operator_did_not_allow(
    receive: Receive, make_channel: MakeChannel, settings: Settings
) -> None:
    receiver = receive("webhook")
    settings.OUTBOUND_ALLOW = []
    metadata = make_channel("slack", secrets={"url": "http://169.254.169.254/latest/meta-data"})
    enqueue([make_channel("webhook", secrets=receiver.secrets), metadata], message(), once="a")
    deliver()
    assert receiver.heard == []
    for row in Delivery.objects.all():
        assert row.state == "dead"
        assert "OUTBOUND_ALLOW" in row.last_error


def test_secrets_that_cannot_be_read_are_told(make_channel: MakeChannel, settings: Settings) -> None:
    (row,) = enqueue([make_channel()], message(), once="a")
    settings.SECRET_KEY = "another-key-" * 4
    deliver()
    row.refresh_from_db()
    assert row.state == "dead"
    assert "SECRET_KEY" in row.last_error


def test_a_message_that_cannot_be_worded_keeps_no_other(
    receive: Receive, make_channel: MakeChannel, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = receive("webhook")
    channel = make_channel(secrets=receiver.secrets)
    (odd,) = enqueue([channel], message("odd"), once="odd")
    Delivery.objects.update(message={"subject": "odd", "text": "x", "sections": [{"heading": 7, "lines": 8}]})
    enqueue([channel], message("even"), once="even")
    assert deliver() == 2
    odd.refresh_from_db()
    assert odd.state == "dead"
    assert receiver.bodies[0]["subject"] == "even"


def test_a_webhook_knows_a_repetition_by_its_id(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("webhook")
    receiver.replies = [Reply(502)]
    enqueue([make_channel(secrets=receiver.secrets)], message(), once="a")
    deliver()
    let_time_pass()
    deliver()
    first, second = receiver.heard
    assert first.headers["X-Launchscope-Delivery"] == second.headers["X-Launchscope-Delivery"]


@pytest.fixture
def workers() -> Iterator[Callable[[int], list[threading.Thread]]]:
    """Starts so many that deliver at once, each with a connection of its own."""
    started: list[threading.Thread] = []

    def work() -> None:
        try:
            deliver()
        finally:
            connection.close()

    def start(count: int) -> list[threading.Thread]:
        begun = [threading.Thread(target=work) for _ in range(count)]
        started.extend(begun)
        for thread in begun:
            thread.start()
        return begun

    yield start
    for thread in started:
        thread.join(60)


def wait_for(receiver: Receiver, count: int) -> None:
    wait_until(lambda: len(receiver.heard) >= count, "a request")


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_message_once(
    receive: Receive, make_channel: MakeChannel, workers: Callable[[int], list[threading.Thread]]
) -> None:
    receiver = receive("feishu")
    channels = [make_channel("feishu", name=str(n), secrets=receiver.secrets) for n in range(4)]
    for n in range(5):
        enqueue(channels, message(f"message {n}"), once=str(n))
    for thread in workers(6):
        thread.join(60)
    # A worker passes by what another one is looking at: the next look finds it.
    deliver()
    assert Delivery.objects.counts() == {("feishu", "sent"): 20}
    titles = [body["content"]["post"]["en_us"]["title"] for body in receiver.bodies]
    assert sorted(titles) == sorted(f"message {n}" for n in range(5) for _ in channels)


@pytest.mark.django_db(transaction=True)
def test_what_one_sends_no_other_takes(
    receive: Receive, make_channel: MakeChannel, workers: Callable[[int], list[threading.Thread]]
) -> None:
    receiver = receive("webhook")
    receiver.hold = threading.Event()
    enqueue([make_channel(secrets=receiver.secrets)], message(), once="a", group="g")
    (first,) = workers(1)
    wait_for(receiver, 1)
    # While the receiver thinks, others look, and another message of the group comes.
    enqueue(list(Channel.objects.all()), message("later"), once="b", group="g")
    assert claim_of_others() == ["later"]
    receiver.hold.set()
    first.join(30)
    assert Delivery.objects.get(once="a").state == "sent"
    assert len(receiver.heard) == 1


def claim_of_others() -> list[str]:
    claimed = claim()
    return [row.subject for row in claimed.rows] if claimed else []


def test_what_a_lost_worker_had_is_taken_over(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("webhook")
    enqueue([make_channel(secrets=receiver.secrets)], message(), once="a")
    assert claim() is not None  # and dies
    assert deliver() == 0
    Delivery.objects.update(leased_until=timezone.now())
    assert deliver() == 1
    assert len(receiver.heard) == 1


def test_what_kills_its_workers_is_dead_in_the_end(make_channel: MakeChannel, settings: Settings) -> None:
    settings.DELIVERY_ATTEMPTS = 2
    (row,) = enqueue([make_channel()], message(), once="a")
    for _ in range(2):
        assert claim() is not None
        Delivery.objects.update(leased_until=timezone.now())
        let_time_pass()
    deliver()
    row.refresh_from_db()
    assert row.state == "dead"
    assert "lost" in row.last_error


def test_the_test_button(receive: Receive, make_channel: MakeChannel) -> None:
    receiver = receive("wecom")
    channel = make_channel("wecom", secrets=receiver.secrets, language="zh-hans")
    assert send_test(channel, "https://launchscope.example.com/", "mei").arrived
    channel.refresh_from_db()
    assert (channel.tested_at is not None, channel.test_error) == (True, "")
    assert "mei" in receiver.bodies[0]["markdown"]["content"]
    receiver.replies = [Reply(500, receiver.url.encode())]
    outcome = send_test(channel, "", "mei")
    channel.refresh_from_db()
    assert not outcome.arrived
    assert "500" in channel.test_error
    assert "693a91f6" not in channel.test_error + outcome.error


@pytest.mark.parametrize("kind", ["slack", "wecom", "dingtalk", "feishu", "teams", "webhook"])
def test_no_secret_is_written_down(
    receive: Receive, make_channel: MakeChannel, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The receiver even answers with everything it was sent."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    receiver = receive(kind)
    channel = make_channel(kind, secrets=receiver.secrets)
    told = f"{receiver.url} {receiver.url.partition('/')[2]} {' '.join(receiver.secrets.values())}".encode()
    receiver.replies = [Reply(500, told), Reply(400, told)]
    enqueue([channel], message(), once="a")
    for _ in range(2):
        deliver()
        let_time_pass()
    send_test(channel, "", "mei")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(d)::text FROM diagnostics_delivery d")
        written = [row for (row,) in cursor.fetchall()]
        cursor.execute("SELECT row_to_json(c)::text FROM diagnostics_channel c")
        written += [row for (row,) in cursor.fetchall()]
    everything = "\n".join([*written, caplog.text])
    assert "•••" in everything
    for secret in (
        "SECvery",
        "token0",
        "slacktoken",
        "693a91f6",
        "566cc69da",
        "feishutoken",
        "teamsig",
        "hooks/launch",
    ):
        assert secret not in everything
