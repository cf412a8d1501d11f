"""Moving a regression from state to state, and writing down who did it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models.functions import Now

from diagnostics.models import Regression, RegressionChange, Service


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides: a person, a program by its token's name, or Launchscope itself."""

    name: str
    user: User | None = None


LAUNCHSCOPE = Actor("launchscope")


def hold(service_id: int) -> None:
    """Whoever comes second waits here until the first has committed. Call it in a transaction."""
    Service.objects.select_for_update(no_key=True).get(pk=service_id)


def moved(regression: Regression, state: str, by: Actor, text: str) -> None:
    """Put the regression into ``state`` (maybe the one it is in) and save it, with a line of history."""
    before, regression.state = regression.state, state
    regression.updated_at = Now()
    regression.save()
    written(regression, before, by, text)


def written(regression: Regression, before: str, by: Actor, text: str) -> None:
    RegressionChange.objects.create(
        regression=regression, user=by.user, actor=by.name, from_state=before, to_state=regression.state, text=text
    )
