"""A certificate that a health check met ends soon. Monitoring looks; see ``diagnostics.monitoring``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind
from diagnostics.models import AlertRule


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    return gettext_noop("a certificate ends within the days its monitor names"), {}


KIND = Kind(
    key="monitor-certificate",
    label=_("Monitor: certificate ends"),
    about=_("The certificate that a health check met ends within as many days as its monitor names (14 at first)."),
    sentence=_sentence,
)
