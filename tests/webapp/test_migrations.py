"""Migrations say what the models say, on a real database: `make test` runs this as a step of its own first."""

from __future__ import annotations

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_no_model_has_changed_without_a_migration() -> None:
    # Ends the process with status 1 if one has.
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_all_of_them_are_applied(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("migrate", check_unapplied=True, plan=True, verbosity=0)
    call_command("showmigrations", format="plan", no_color=True)
    assert "[ ]" not in capsys.readouterr().out
