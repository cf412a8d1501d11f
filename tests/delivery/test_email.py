"""Mail to a real SMTP server."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pytest_django import Settings

from diagnostics.delivery import Attachment, Message, Severity, deliver, enqueue
from diagnostics.models import Channel
from tests.delivery.conftest import MakeChannel, message
from tests.delivery.test_sending import let_time_pass
from tests.outbound.serving import certificate, in_days

PASSWORD = "a-very-secret-password"
PNG = b"\x89PNG\r\n\x1a\n\0"


class Mailbox:
    """Keeps what it takes; refuses what ``refuse`` says."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.refuse: list[str] = []
        self.unknown: set[str] = set()
        self.users: list[str] = []

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.users.append(data.login.decode())
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if address in self.unknown:
            return f"550 no such user {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse.pop(0)
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append((envelope.rcpt_tos, mail))
        return "250 taken"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox, settings: Settings) -> Iterator[Controller]:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), authenticator=mailbox.authenticate)
    controller.start()
    yield controller
    controller.stop()


def free_port() -> int:
    """Its controller asks the port it was told whether it is up, so that 0 does not do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def config(controller: Controller, **more: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": controller.port,
        "security": "none",
        "sender": "Launchscope <launchscope@example.com>",
        "recipients": ["ops@example.com", "张伟 <zhang@example.com>"],
        **more,
    }


def test_text_html_picture_and_file(server: Controller, mailbox: Mailbox, make_channel: MakeChannel) -> None:
    said = Message(
        "权重加载变慢 " * 20,
        "weights：12 秒\n.\n",
        url="https://launchscope.example.com/reports/1/",
        severity=Severity.WARNING,
        html='<table><tr><td>12 秒</td></tr></table><img src="cid:waterfall.png" alt="瀑布图">',
        attachments=[Attachment("waterfall.png", "image/png", PNG), Attachment("报告.csv", "text/csv", b"a,b\n")],
    )
    enqueue([make_channel("email", secrets={"password": ""}, config=config(server))], said, once="a")
    deliver()
    ((recipients, mail),) = mailbox.mails
    assert recipients == ["ops@example.com", "zhang@example.com"]
    assert mail["Subject"] == "🟠 " + ("权重加载变慢 " * 20).strip()
    assert mail["To"] == "ops@example.com, 张伟 <zhang@example.com>"
    assert mail["From"] == "Launchscope <launchscope@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines()[:2] == ["weights：12 秒", "."]
    assert "https://launchscope.example.com/reports/1/" in text.get_content()
    assert "12 秒" in html.get_content()
    (picture,) = (part for part in mail.walk() if part["Content-ID"] == "<waterfall.png>")
    assert isinstance(picture, EmailMessage)
    assert (picture.get_content_type(), picture.get_content()) == ("image/png", PNG)
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("报告.csv", "a,b\n")


@pytest.mark.parametrize("text", ["12 s instead of 8 s", "12 s\nThe whole report: https://l.example/reports/1/"])
def test_the_address_is_said_once(server: Controller, mailbox: Mailbox, make_channel: MakeChannel, text: str) -> None:
    said = Message("weights", text, url="https://l.example/reports/1/")
    enqueue([make_channel("email", secrets={"password": ""}, config=config(server))], said, once="a")
    deliver()
    ((_, mail),) = mailbox.mails
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().count("https://l.example/reports/1/") == 1


def test_a_mail_that_comes_again_has_the_same_id(
    server: Controller, mailbox: Mailbox, make_channel: MakeChannel
) -> None:
    mailbox.refuse = ["451 later", "451 later"]
    channel = make_channel("email", secrets={"password": ""}, config=config(server))
    (row,) = enqueue([channel], message(), once="a")
    deliver()
    row.refresh_from_db()
    assert (row.state, "451" in row.last_error) == ("waiting", True)
    for _ in range(2):
        let_time_pass()
        deliver()
    ((_, mail),) = mailbox.mails
    assert mail["Message-ID"] == f"<{row.key}@example.com>"


def test_a_server_that_says_no(server: Controller, mailbox: Mailbox, make_channel: MakeChannel) -> None:
    mailbox.refuse = ["554 spam"]
    (row,) = enqueue([make_channel("email", secrets={"password": ""}, config=config(server))], message(), once="a")
    deliver()
    row.refresh_from_db()
    assert (row.state, "554" in row.last_error) == ("dead", True)


def test_one_recipient_less(server: Controller, mailbox: Mailbox, make_channel: MakeChannel) -> None:
    mailbox.unknown = {"ops@example.com"}
    channel = make_channel("email", secrets={"password": ""}, config=config(server))
    (row,) = enqueue([channel], message(), once="a")
    deliver()
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("sent", "Refused for ops@example.com")
    mailbox.unknown |= {"zhang@example.com"}
    (other,) = enqueue([channel], message(), once="b")
    deliver()
    other.refresh_from_db()
    assert (other.state, "550" in other.last_error) == ("dead", True)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_password_over_tls(
    mailbox: Mailbox,
    make_channel: MakeChannel,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    settings.OUTBOUND_ALLOW = ["localhost"]
    context, _ = certificate(tmp_path, in_days(30))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
    tls: dict[str, Any] = {"ssl_context": context} if security == "tls" else {"tls_context": context}
    needed: dict[str, Any] = {"authenticator": mailbox.authenticate, "auth_require_tls": security != "tls"}
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **tls, **needed)
    controller.start()
    try:
        told = config(controller, host="localhost", security=security, user="mailer")
        channel = make_channel("email", secrets={"password": PASSWORD}, config=told)
        enqueue([channel], message(), once="a")
        deliver()
        assert len(mailbox.mails) == 1
        assert mailbox.users == ["mailer"]
        wrong_password(channel)
        monkeypatch.delenv("SSL_CERT_FILE")
        untrusted(channel)
    finally:
        controller.stop()


def wrong_password(channel: Channel) -> None:
    channel.keep_secrets({"password": "wrong-password-of-mine"})
    channel.save()
    (row,) = enqueue([channel], message(), once="wrong")
    deliver()
    row.refresh_from_db()
    assert row.state == "dead", row.last_error
    assert "535" in row.last_error
    assert "wrong-password-of-mine" not in row.last_error


def untrusted(channel: Channel) -> None:
    (row,) = enqueue([channel], message(), once="untrusted")
    deliver()
    row.refresh_from_db()
    assert (row.state, "certificate" in row.last_error.lower()) == ("waiting", True)
