"""Settings › Channels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import Settings

from diagnostics.delivery import enqueue
from diagnostics.forms.channels import FORMS
from diagnostics.models import Channel, Delivery
from tests.delivery.conftest import message
from tests.delivery.receivers import Receiver, receiving
from tests.outbound.serving import Reply

PATH = "/settings/channels/"
MAIL = {
    "name": "ops mail",
    "language": "en",
    "host": "127.0.0.1",
    "port": "2525",
    "security": "starttls",
    "user": "mailer",
    "password": "mail-password",
    "sender": "Launchscope <launchscope@example.com>",
    "recipients": "ops@example.com\n张伟 <zhang@example.com>",
}


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    with receiving("wecom") as one:
        yield one


def add(client: Client, receiver: Receiver, name: str = "值班群") -> Channel:
    answer = client.post(f"{PATH}new/wecom/", {"name": name, "language": "zh-hans", "url": receiver.url})
    assert answer.status_code == 302, answer.content.decode()
    return Channel.objects.get(name=name)


def text(client: Client, path: str = PATH) -> str:
    return client.get(path).content.decode()


def test_no_channels(admin_client: Client) -> None:
    assert "No channels yet" in text(admin_client)


@pytest.mark.parametrize("kind", list(FORMS))
def test_each_kind_has_a_form(admin_client: Client, kind: str) -> None:
    assert Channel.Kind(kind).label in text(admin_client, f"{PATH}new/{kind}/")
    assert admin_client.post(f"{PATH}new/{kind}/", {}).status_code == 200
    assert not Channel.objects.exists()


def test_there_is_no_other_kind(admin_client: Client) -> None:
    assert admin_client.get(f"{PATH}new/pigeon/").status_code == 404


def test_add_test_edit_disable_delete(admin_client: Client, receiver: Receiver) -> None:
    channel = add(admin_client, receiver)
    page = text(admin_client)
    assert "值班群" in page
    assert "127.0.0.1" in page
    answer = admin_client.post(f"{PATH}{channel.pk}/test", follow=True)
    assert "The test message went to “值班群”." in answer.content.decode()
    assert len(receiver.heard) == 1
    # An empty address keeps what is saved.
    admin_client.post(f"{PATH}{channel.pk}/", {"name": "值班", "language": "en", "url": ""})
    channel.refresh_from_db()
    assert (channel.name, channel.language, channel.secrets["url"]) == ("值班", "en", receiver.url)
    admin_client.post(f"{PATH}{channel.pk}/switch")
    channel.refresh_from_db()
    assert not channel.enabled
    admin_client.post(f"{PATH}{channel.pk}/delete")
    assert not Channel.objects.exists()


def test_a_test_that_fails_says_why(admin_client: Client, receiver: Receiver) -> None:
    channel = add(admin_client, receiver)
    receiver.replies = [Reply(200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}')]
    page = admin_client.post(f"{PATH}{channel.pk}/test", follow=True).content.decode()
    assert "did not reach" in page
    assert "error 93000: invalid webhook url" in page


def test_secrets_are_shown_nowhere(admin_client: Client, receiver: Receiver) -> None:
    channel = add(admin_client, receiver)
    receiver.replies = [Reply(500, receiver.url.encode())]
    admin_client.post(f"{PATH}{channel.pk}/test")
    pages = [
        PATH,
        f"{PATH}{channel.pk}/",
        "/api/v1/channels",
        "/api/v1/deliveries",
        "/settings/",
        "/reports/schedules/",
    ]
    for page in pages:
        assert "693a91f6" not in text(admin_client, page), page


def test_what_is_dead_is_listed_and_tried_again(admin_client: Client, receiver: Receiver) -> None:
    channel = add(admin_client, receiver)
    enqueue([channel], message("weights got slower"), once="a")
    enqueue([channel], message("another"), once="b")
    Delivery.objects.update(state="dead", last_error="It answered 500: nothing")
    page = text(admin_client)
    assert "2 dead" in page
    assert "It answered 500: nothing" in page
    Delivery.objects.filter(once="b").update(state="waiting")
    assert "another" not in text(admin_client)
    assert "another" in text(admin_client, f"{PATH}?state=all")
    Delivery.objects.update(state="dead")
    one = Delivery.objects.get(once="a")
    admin_client.post(f"/settings/deliveries/{one.pk}/again")
    assert set(Delivery.objects.values_list("once", "state")) == {("a", "waiting"), ("b", "dead")}
    admin_client.post(f"{PATH}again")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}
    assert "weights got slower" in text(admin_client, f"{PATH}?state=waiting")


@pytest.mark.parametrize(
    ("kind", "url", "said"),
    [
        ("slack", "http://169.254.169.254/latest", "OUTBOUND_ALLOW"),
        ("slack", "http://10.1.2.3/services/T/B/x", "OUTBOUND_ALLOW"),
        ("slack", "ftp://example.com/", "begins with http"),
        ("slack", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", "an address of WeCom"),
        ("webhook", "https://hooks.slack.com/services/T/B/x", "an address of Slack"),
        ("webhook", "https://user:secretpart@example.com/", "Leave user and password out"),
    ],
)
def test_addresses_that_are_refused(admin_client: Client, kind: str, url: str, said: str) -> None:
    given = {"name": "x", "language": "en", "url": url, "secret": "0123456789abcdef"}
    page = admin_client.post(f"{PATH}new/{kind}/", given).content.decode()
    assert said in page
    assert url not in page
    assert not Channel.objects.exists()


def test_mail(admin_client: Client, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    admin_client.post(f"{PATH}new/email/", MAIL)
    channel = Channel.objects.get()
    assert channel.config["recipients"] == ["ops@example.com", "张伟 <zhang@example.com>"]
    assert channel.secrets == {"password": "mail-password"}
    page = text(admin_client, f"{PATH}{channel.pk}/")
    assert "mail-password" not in page
    assert escape("张伟 <zhang@example.com>") in page
    kept = {**MAIL, "password": "", "recipients": "ops@example.com"}
    assert admin_client.post(f"{PATH}{channel.pk}/", kept).status_code == 302
    channel.refresh_from_db()
    assert channel.secrets == {"password": "mail-password"}
    # The password was for that server.
    page = admin_client.post(f"{PATH}{channel.pk}/", {**kept, "port": "2526"}).content.decode()
    assert "Enter this again" in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("recipients", "nobody", "“nobody” is no mail address."),
        ("sender", "x", "is no mail address"),
        ("security", "none", "A password is not sent without TLS"),
        ("host", "169.254.1.1", "OUTBOUND_ALLOW"),
        ("port", "70000", "65535"),
    ],
)
def test_mail_that_is_refused(admin_client: Client, settings: Settings, field: str, value: str, said: str) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    assert said in admin_client.post(f"{PATH}new/email/", {**MAIL, field: value}).content.decode()


def test_names_are_unique(admin_client: Client, receiver: Receiver) -> None:
    add(admin_client, receiver)
    given = {"name": "值班群", "language": "en", "url": receiver.url}
    page = admin_client.post(f"{PATH}new/wecom/", given).content.decode()
    assert "There is a channel of this name already." in page


def test_a_lost_key_is_said_and_mended(admin_client: Client, receiver: Receiver) -> None:
    channel = add(admin_client, receiver)
    Channel.objects.update(sealed="gAAAAABnot-with-this-key")
    assert "its secrets cannot be read" in text(admin_client)
    given = {"name": "值班群", "language": "en", "url": receiver.url}
    assert admin_client.post(f"{PATH}{channel.pk}/", given).status_code == 302
    channel.refresh_from_db()
    assert channel.secrets["url"] == receiver.url


def test_admins_only(client: Client, django_user_model: type, receiver: Receiver, admin_client: Client) -> None:
    channel = add(admin_client, receiver)
    client.force_login(django_user_model.objects.create_user("vera"))  # type: ignore[attr-defined]
    assert client.get(PATH).status_code == 403
    for path in (f"{PATH}{channel.pk}/", f"{PATH}new/slack/"):
        assert client.get(path).status_code == 403
    for path in (f"{PATH}{channel.pk}/test", f"{PATH}{channel.pk}/delete", f"{PATH}again"):
        assert client.post(path).status_code == 403
    assert client.get("/api/v1/channels").status_code == 403
    assert receiver.heard == []
