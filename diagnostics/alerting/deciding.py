"""What people decide about an alert."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from diagnostics.alerting.alert_error import AlertError
from diagnostics.alerting.observing import move, resolve
from diagnostics.alerting.telling import tell
from diagnostics.models import Alert
from diagnostics.triage import Actor
from diagnostics.triage.history import hold

MOVES = {"firing": ["acknowledged", "resolved"], "acknowledged": ["firing", "resolved"], "resolved": []}
LONGEST = 2000  # characters of a note


@transaction.atomic
def decide(alert_id: int, state: str, by: Actor, text: str = "") -> Alert:
    """Acknowledge or resolve. Raises ``AlertError`` or ``Alert.DoesNotExist``; then nothing has changed.

    What was resolved by hand does not fire again while the same goes on: only a new beginning does.
    """
    hold(Alert.objects.values_list("service_id", flat=True).get(pk=alert_id))
    alert = Alert.objects.select_related("service", "rule").get(pk=alert_id)
    if len(text) > LONGEST or "\0" in text:
        raise AlertError(_("At most %(most)d characters, and no NUL, please") % {"most": LONGEST}, "text")
    if state != alert.state and state not in MOVES[alert.state]:
        choices = ", ".join(MOVES[alert.state]) or _("nothing else: what is over stays over")
        message = _("From “%(now)s” it can become %(choices)s") % {"now": alert.state, "choices": choices}
        raise AlertError(message, "state", "conflict" if state in MOVES else "invalid_parameter")
    if state == "resolved" and alert.is_live:
        resolve(alert, by, text)
        tell()
    elif state != alert.state:
        move(alert, state, by, text)
    return alert
