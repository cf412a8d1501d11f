"""What people decide about a regression."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from diagnostics.models import Launch, Regression
from diagnostics.triage.history import Actor, hold, moved

# What may follow each state; a decision can be taken back.
MOVES = {
    "open": ["acknowledged", "resolved", "dismissed"],
    "acknowledged": ["open", "resolved", "dismissed"],
    "resolved": ["open"],
    "dismissed": ["open"],
}
LONGEST = 2000  # characters of a reason, note or address


class TriageError(Exception):
    """The decision cannot be made; ``message`` says why, ``where`` names the part, ``code`` is the API's word."""

    def __init__(self, message: str, where: str, code: str = "invalid_parameter") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.code = code


@dataclass(frozen=True, slots=True)
class Decision:
    """What to change; ``None`` leaves a thing as it is, ``""`` takes assignee, note or ticket away."""

    state: str | None = None
    reason: str | None = None
    assignee: str | None = None  # user name
    note: str | None = None
    ticket: str | None = None


@transaction.atomic
def decide(regression_id: int, decision: Decision, by: Actor) -> Regression:
    """Carry out a decision. Raises ``TriageError``, or ``Regression.DoesNotExist``; then nothing has changed."""
    _check_texts(decision)
    hold(Regression.objects.values_list("service_id", flat=True).get(pk=regression_id))
    regression = Regression.objects.select_related("service", "series", "assignee", "first_launch").get(
        pk=regression_id
    )
    state = decision.state if decision.state is not None else regression.state
    if state != regression.state:
        _check_move(regression, state, decision)
    before = regression.state
    told = [*_set_state(regression, state, decision), *_set_others(regression, decision)]
    if told or state != before:
        moved(regression, state, by, "; ".join(told))
    return regression


def _check_texts(decision: Decision) -> None:
    for where in ("reason", "note", "ticket", "assignee"):
        text = getattr(decision, where) or ""
        if len(text) > LONGEST or "\0" in text:
            raise TriageError(_("At most %(most)d characters, and no NUL, please") % {"most": LONGEST}, where)
    if decision.ticket:
        try:
            URLValidator(schemes=["http", "https"])(decision.ticket)
        except ValidationError:
            raise TriageError(_("A ticket is given by its address, http:// or https://"), "ticket") from None


def _check_move(regression: Regression, state: str, decision: Decision) -> None:
    if state not in MOVES[regression.state]:
        choices = ", ".join(MOVES[regression.state])
        message = _("From “%(now)s” it can become %(choices)s") % {"now": regression.state, "choices": choices}
        raise TriageError(message, "state", "conflict" if state in MOVES else "invalid_parameter")
    if state == Regression.State.DISMISSED and not (decision.reason or "").strip():
        raise TriageError(_("Say why it is dismissed: reason is missing"), "reason")
    if state in Regression.LIVE and not regression.is_live:
        same = Regression.objects.live().filter(service=regression.service_id, family=regression.family)
        if same.exists():
            message = _("A newer regression of this phase is open already; work with that one.")
            raise TriageError(message, "state", "conflict")


def _set_state(regression: Regression, state: str, decision: Decision) -> Iterator[str]:
    """The fields that go with a state; what is worth a word in the history is told."""
    if state == Regression.State.DISMISSED:
        reason = (decision.reason or regression.reason).strip()
        if reason != regression.reason or regression.state != state:
            regression.reason = reason
            yield reason
    else:
        regression.reason = ""
    if state != regression.state and (state == Regression.State.RESOLVED or not regression.is_live):
        # What was launched before the decision was known to whoever decided.
        newest = Launch.objects.filter(service=regression.service_id).order_by("-start_time", "-id")
        regression.counts_from = newest.values_list("start_time", flat=True)[0]


def _set_others(regression: Regression, decision: Decision) -> Iterator[str]:
    if decision.assignee is not None:
        user = _person(decision.assignee)
        if user != regression.assignee:
            regression.assignee = user
            yield _("assigned to %(name)s") % {"name": user.get_username()} if user else _("assigned to nobody")
    for field, words in (("note", _("note: %(text)s")), ("ticket", _("ticket: %(text)s"))):
        text = getattr(decision, field)
        if text is not None and text.strip() != getattr(regression, field):
            setattr(regression, field, text.strip())
            yield words % {"text": text.strip() or "–"}


def _person(name: str) -> User | None:
    if not name:
        return None
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise TriageError(_("There is no active user “%(name)s”") % {"name": name[:60]}, "assignee")
    return user
