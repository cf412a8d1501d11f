"""The one Apprise plugin that all kinds of channels travel by."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyType
from apprise.plugins.base import NotifyBase
from django.utils.translation import gettext as _

from diagnostics.delivery.kinds.kind import Carrier, Outcome
from diagnostics.delivery.message import Message, Severity

logger = logging.getLogger(__name__)

_TYPES = {
    Severity.INFO: NotifyType.INFO,
    Severity.WARNING: NotifyType.WARNING,
    Severity.CRITICAL: NotifyType.FAILURE,
    Severity.RESOLVED: NotifyType.SUCCESS,
}


class _Plugin(NotifyBase):  # type: ignore[no-untyped-call]
    service_name: Any = "Launchscope"
    secure_protocol: Any = "launchscope"
    # The outbox paces what goes out; nobody should sleep in here.
    request_rate_per_sec = 0

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(asset=_asset())  # type: ignore[no-untyped-call]
        self._carrier = carrier
        self.outcome: Outcome | None = None

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        """Apprise names its services by this, in logs too: it says what, not where."""
        return f"launchscope://{type(self._carrier).__name__.lower()}"

    def send(self, *args: Any, **kwargs: Any) -> bool:
        try:
            self.outcome = self._carrier.carry()
        except Exception as error:
            # What it says may quote an address, so its name has to do.
            logger.error("A message could not be sent: %s", type(error).__name__)
            words = {"why": type(error).__name__}
            self.outcome = Outcome(arrived=False, error=_("It failed before it was sent: %(why)s") % words)
        return self.outcome.arrived


def through_apprise(carrier: Carrier, message: Message) -> Outcome:
    plugin, apprise = _Plugin(carrier), Apprise(asset=_asset())
    apprise.add(plugin)
    # The piece has its wire form already; Apprise only needs to know what kind of news it is.
    apprise.notify(body=message.subject or "-", notify_type=_TYPES[message.severity])
    return plugin.outcome or Outcome(arrived=False, error=_("It failed for a reason that is not known."))


@cache
def _asset() -> AppriseAsset:
    return AppriseAsset(app_id="Launchscope", app_desc="Launchscope", secure_logging=True)
