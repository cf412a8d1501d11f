"""A channel as a form, one a kind. Secrets are never shown again; an empty one keeps what is saved."""

from __future__ import annotations

import secrets as random
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diagnostics.delivery.editing import WantedChannel, saved_secrets
from diagnostics.delivery.masking import shown_address
from diagnostics.forms.kit import KitForm
from diagnostics.models import Channel
from diagnostics.outbound import OutboundError, Reason, check

# Whose addresses these are, to notice one that was pasted into the wrong form.
HOSTS = {
    "hooks.slack.com": "slack",
    "qyapi.weixin.qq.com": "wecom",
    "oapi.dingtalk.com": "dingtalk",
    "open.feishu.cn": "feishu",
    "open.larksuite.com": "feishu",
}
LONGEST = 2000


def _secret(label: Any, help_text: Any = "", required: bool = False) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=LONGEST, widget=widget)


class ChannelForm(KitForm, forms.Form):
    """What every kind has; ``SECRETS`` are the fields whose values are sealed."""

    SECRETS: tuple[str, ...] = ("url",)

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As rules and schedules list it."))
    language = forms.ChoiceField(label=_("Language of its messages"), choices=Channel.Language.choices)

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        kwargs.setdefault("initial", initial(channel))
        super().__init__(*args, **kwargs)
        self.channel = channel
        saved = saved_secrets(channel)
        for name in self.SECRETS:
            field = self.fields[name]
            field.required = field.required and name not in saved
            if name in saved:
                shown = shown_address(saved[name]) if name == "url" else "•••"
                field.widget.attrs["placeholder"] = shown
                field.help_text = gettext("Saved: %(shown)s. Leave it empty to keep it.") % {"shown": shown}

    def wanted(self) -> WantedChannel:
        clean = self.cleaned_data
        own = [name for name in self.fields if name not in ("name", "language", *self.SECRETS)]
        return WantedChannel(
            clean["name"],
            clean["language"],
            {name: clean[name] for name in own},
            {name: clean[name] for name in self.SECRETS},
        )


class HookForm(ChannelForm):
    KIND = ""
    url = _secret(_("Address"), required=True)

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if url:
            _check_address(url)
            meant = HOSTS.get(urlsplit(url).hostname or "", self.KIND)
            if meant != self.KIND:
                kind = Channel.Kind(meant).label
                raise ValidationError(_("This is an address of %(kind)s: add a channel of that kind.") % {"kind": kind})
        return url


class SlackForm(HookForm):
    KIND = "slack"
    url = _secret(_("Webhook URL"), _("Of an incoming webhook: https://hooks.slack.com/services/T…/B…/…"), True)


class WeComForm(HookForm):
    KIND = "wecom"
    url = _secret(
        _("Webhook address"), _("Of a group robot: https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…"), True
    )


class DingTalkForm(HookForm):
    KIND = "dingtalk"
    SECRETS = ("url", "secret")
    url = _secret(_("Webhook"), _("Of a custom robot: https://oapi.dingtalk.com/robot/send?access_token=…"), True)
    secret = _secret(
        _("Signing secret"),
        _("SEC…, if the robot's security setting is “sign”. With keywords instead, have “Launchscope” among them."),
    )


class FeishuForm(HookForm):
    KIND = "feishu"
    SECRETS = ("url", "secret")
    url = _secret(_("Webhook URL"), _("Of a custom bot: https://open.feishu.cn/open-apis/bot/v2/hook/…"), True)
    secret = _secret(_("Signing secret"), _("If the bot's security setting is signature verification."))


class TeamsForm(HookForm):
    KIND = "teams"
    url = _secret(_("Workflow URL"), _("Of the workflow “Post to a channel when a webhook request is received”."), True)


class WebhookForm(HookForm):
    KIND = "webhook"
    SECRETS = ("url", "secret", "authorization")
    url = _secret(_("URL"), _("Gets a signed POST of JSON; docs/operations.md shows how to check it."), True)
    secret = forms.CharField(
        label=_("Signing secret"),
        min_length=8,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Copy it to the receiver now: it is not shown again."),
    )
    authorization = _secret(_("Authorization header"), _("Where the receiver wants one: Bearer …"))


class EmailForm(ChannelForm):
    SECRETS = ("password",)
    host = forms.CharField(label=_("SMTP server"), max_length=255, help_text=_("Its name: smtp.example.com."))
    port = forms.IntegerField(label=_("Port"), required=False, min_value=1, max_value=65535)
    security = forms.ChoiceField(
        label=_("Security"),
        choices=[("starttls", _("STARTTLS (587)")), ("tls", _("TLS (465)")), ("none", _("None (25)"))],
    )
    user = forms.CharField(
        label=_("User"), required=False, max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = _secret(_("Password"))
    sender = forms.CharField(label=_("From"), max_length=300, help_text=_("Launchscope <launchscope@example.com>"))
    recipients = forms.CharField(
        label=_("To"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One address a line."),
    )

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip("[]")
        _check_address(f"https://[{host}]/" if ":" in host else f"https://{host}/")
        return host

    def clean_sender(self) -> str:
        return _mail_address(self.cleaned_data["sender"])

    def clean_recipients(self) -> list[str]:
        lines = [line.strip().rstrip(",;") for line in self.cleaned_data["recipients"].splitlines()]
        return [_mail_address(line) for line in lines if line]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        if clean.get("security") == "none" and clean.get("password"):
            self.add_error("security", _("A password is not sent without TLS: choose STARTTLS or TLS."))
        return clean


FORMS: dict[str, type[ChannelForm]] = {
    "email": EmailForm,
    "slack": SlackForm,
    "wecom": WeComForm,
    "dingtalk": DingTalkForm,
    "feishu": FeishuForm,
    "teams": TeamsForm,
    "webhook": WebhookForm,
}


def initial(channel: Channel) -> dict[str, Any]:
    """What the form shows of a channel, or of one to be made."""
    shown = {"name": channel.name, "language": channel.language, **channel.config}
    if "recipients" in shown:
        shown["recipients"] = "\n".join(shown["recipients"])
    if channel._state.adding and channel.kind == Channel.Kind.WEBHOOK:
        shown["secret"] = random.token_urlsafe(32)
    return shown


def _check_address(url: str) -> None:
    try:
        check(url)
    except OutboundError as error:
        # A name that does not resolve now may do later; the test button tells.
        if error.reason in (Reason.URL, Reason.FORBIDDEN):
            raise ValidationError(error.message) from None


def _mail_address(text: str) -> str:
    address = parseaddr(text)[1]
    try:
        validate_email(address)
    except ValidationError:
        raise ValidationError(_("“%(text)s” is no mail address.") % {"text": text[:80]}) from None
    return " ".join(text.split())
