"""Health checks fail in a row. Monitoring looks; see ``diagnostics.monitoring``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind
from diagnostics.models import AlertRule


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    return gettext_noop("a monitor failed %(times)s times in a row"), {"times": rule.for_times}


KIND = Kind(
    key="monitor-failures",
    label=_("Monitor: failures in a row"),
    about=_("Health checks of a service fail (no answer, the wrong answer, too late) so many times in a row."),
    sentence=_sentence,
    times=3,
    over_after=2,
    severity=AlertRule.Severity.CRITICAL,
)
