"""E-mail by SMTP: text, HTML beside it, attachments; images that the HTML names by ``cid:`` are shown in it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping, Sequence
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate, parseaddr
from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from diagnostics.delivery import layout
from diagnostics.delivery.kinds.kind import Carrier, Kind, Outcome, Place, Rate
from diagnostics.delivery.message import Attachment, Message
from diagnostics.outbound import OutboundError, Reason, connect

PORTS = {"starttls": 587, "tls": 465, "none": 25}


class _Policy(EmailPolicy):
    """Python's own folding loses spaces between Chinese words of a long subject; the older way does not."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() != "subject":
            return str(super().fold(name, value))
        return f"{name}: {Header(str(value), header_name=name).encode(linesep=self.linesep)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


def email_pieces(message: Message, place: Place) -> Sequence[EmailMessage]:
    mail = EmailMessage(policy=_Policy(linesep="\r\n"))
    mail["Subject"] = layout.title(message)
    mail["From"] = _address(place.config["sender"])
    mail["To"] = [_address(one) for one in place.config["recipients"]]
    # So that no vacation notice answers.
    mail["Auto-Submitted"] = "auto-generated"
    # Reports end with their address themselves.
    link = f"\n{message.url}\n" if message.url and message.url not in message.text else ""
    mail.set_content(f"{message.text.rstrip()}\n{link}", cte="base64")
    if message.html:
        _add_html(mail, message)
    for one in message.attachments:
        if not _is_inside(one, message):
            mail.add_attachment(one.content, *one.content_type.split("/", 1), filename=one.name)
    return [mail]


def _add_html(mail: EmailMessage, message: Message) -> None:
    mail.add_alternative(message.html, subtype="html", cte="base64")
    body = mail.get_body(("html",))
    assert isinstance(body, EmailMessage)
    for one in message.attachments:
        if _is_inside(one, message):
            main, sub = one.content_type.split("/", 1)
            body.add_related(one.content, main, sub, cid=f"<{one.name}>", filename=one.name, disposition="inline")


def _is_inside(one: Attachment, message: Message) -> bool:
    return f"cid:{one.name}" in message.html


def _address(text: str) -> Address:
    name, spec = parseaddr(text)
    return Address(name, addr_spec=spec)


class Email(Carrier):
    """Connects only to the address that was checked, as the web kinds do, which Apprise's own plugin cannot."""

    def carry(self) -> Outcome:
        sender = parseaddr(self.place.config["sender"])[1]
        recipients = [parseaddr(one)[1] for one in self.place.config["recipients"]]
        mail: EmailMessage = self.piece
        # The same when a message is sent again: mail servers and clients show a second copy once.
        mail["Message-ID"] = f"<{self.key}@{sender.rpartition('@')[2]}>"
        mail["Date"] = formatdate(localtime=False, usegmt=True)
        try:
            with _connected(self.place.config, self.place.secrets) as server:
                refused = server.send_message(mail, sender, recipients)
        except OutboundError as error:
            return Outcome(arrived=False, error=error.message, again=error.reason not in (Reason.URL, Reason.FORBIDDEN))
        except smtplib.SMTPException as error:
            return _failed(error)
        except OSError as error:
            words = {"host": self.place.config["host"], "why": getattr(error, "strerror", None) or error}
            return Outcome(arrived=False, error=_("Talking with %(host)s failed: %(why)s") % words)
        return _partly(refused)


class _Smtp(smtplib.SMTP):
    """Dials through the guard; everything else is the library's."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connect(host, port, timeout)


def _connected(config: Mapping[str, Any], secrets: Mapping[str, str]) -> smtplib.SMTP:
    host, security = config["host"], config.get("security", "starttls")
    context = httpx.create_ssl_context()  # the same roots as for the web kinds
    server = _SmtpTls(context) if security == "tls" else _Smtp(timeout=settings.DELIVERY_TIMEOUT)
    server._host = host  # type: ignore[attr-defined]  # what TLS checks the certificate for
    server.connect(host, int(config.get("port") or PORTS[security]))
    try:
        if security == "starttls":
            server.starttls(context=context)
        if config.get("user"):
            server.login(config["user"], secrets.get("password", ""))
    except BaseException:
        server.close()
        raise
    return server


class _SmtpTls(_Smtp):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(timeout=settings.DELIVERY_TIMEOUT)
        self._context = context

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


def _failed(error: smtplib.SMTPException) -> Outcome:
    """5xx is the server's last word; anything else may pass."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _all_refused(error.recipients)
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        words = {"code": error.smtp_code, "text": text}
        return Outcome(arrived=False, error=_("It answered %(code)s: %(text)s") % words, again=error.smtp_code < 500)
    return Outcome(arrived=False, error=str(error), again=not isinstance(error, smtplib.SMTPNotSupportedError))


def _all_refused(recipients: Mapping[str, tuple[int, bytes]]) -> Outcome:
    told = "; ".join(f"{who}: {code} {text.decode('utf-8', 'replace')}" for who, (code, text) in recipients.items())
    again = any(code < 500 for code, _text in recipients.values())
    return Outcome(arrived=False, error=_("No recipient was accepted: %(told)s") % {"told": told}, again=again)


def _partly(refused: Mapping[str, tuple[int, bytes]]) -> Outcome:
    """It went to the others: sending it again would tell them twice."""
    if not refused:
        return Outcome(arrived=True)
    return Outcome(arrived=True, error=_("Refused for %(who)s") % {"who": ", ".join(refused)})


KIND = Kind(email_pieces, Email, [Rate(10, 1), Rate(100, 60)])
