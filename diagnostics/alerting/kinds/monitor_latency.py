"""A health check answers, but slowly. Monitoring looks; see ``diagnostics.monitoring``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind, Setting
from diagnostics.alerting.kinds.spans import span
from diagnostics.models import AlertRule


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    words = gettext_noop("a monitor's latency is over %(limit)s for %(lasting)s")
    return words, {"limit": span(KIND.setting(rule, "limit_s")), "lasting": span(rule.for_seconds)}


KIND = Kind(
    key="monitor-latency",
    label=_("Monitor: slow answers"),
    about=_("Health checks of a service are answered, but slower than the limit, for so long."),
    sentence=_sentence,
    settings=[Setting("limit_s", _("Latency over"), 1, "seconds", 0.001, 3600)],
    seconds=30,
    over_after=3,
)
