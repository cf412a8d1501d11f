"""One file a kind of channel. A new kind: its file, a line here, a form in ``diagnostics.forms.channels``."""

from collections.abc import Mapping

from diagnostics.delivery.kinds import dingtalk, email, feishu, slack, teams, webhook, wecom
from diagnostics.delivery.kinds.kind import Kind, Outcome, Place, Rate

KINDS: Mapping[str, Kind] = {
    "email": email.KIND,
    "slack": slack.KIND,
    "wecom": wecom.KIND,
    "dingtalk": dingtalk.KIND,
    "feishu": feishu.KIND,
    "teams": teams.KIND,
    "webhook": webhook.KIND,
}

__all__ = ["KINDS", "Kind", "Outcome", "Place", "Rate"]
