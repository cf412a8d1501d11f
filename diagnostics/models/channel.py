"""Where people are told."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from diagnostics.models import sealed
from diagnostics.querysets.channels import ChannelQuerySet


class Channel(models.Model):
    """One place that messages go to: a mailbox, a chat room, a program. Its secrets are sealed."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        SLACK = "slack", "Slack"
        WECOM = "wecom", "WeCom"
        DINGTALK = "dingtalk", "DingTalk"
        FEISHU = "feishu", "Feishu"
        TEAMS = "teams", "Microsoft Teams"
        WEBHOOK = "webhook", "Webhook"

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    name = models.TextField(unique=True)
    kind = models.TextField(choices=Kind.choices)
    enabled = models.BooleanField(default=True)
    language = models.TextField(choices=Language.choices, default=Language.ENGLISH)
    config = models.JSONField(default=dict, blank=True)  # what everybody may see: a mail server's name, recipients
    sealed = models.TextField(blank=True, default="", editable=False)  # see `secrets`
    paused_until = models.DateTimeField(null=True, editable=False)  # it failed, or said when to come again
    # When it was sent to within its kind's limit, oldest first: what the next message must keep away from.
    sent_times = ArrayField(models.DateTimeField(), default=list, blank=True, editable=False)
    tested_at = models.DateTimeField(null=True, editable=False)
    test_error = models.TextField(blank=True, default="", editable=False)  # "" after a test that arrived
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["email", "slack", "wecom", "dingtalk", "feishu", "teams", "webhook"],
                ),
                name="channel_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def secrets(self) -> dict[str, str]:
        """Address, password, signing secret, by the name of the form's field. Raises ``sealed.Unreadable``."""
        return sealed.unseal(self.sealed)

    def keep_secrets(self, values: Mapping[str, str]) -> None:
        self.sealed = sealed.seal({name: text for name, text in values.items() if text})
