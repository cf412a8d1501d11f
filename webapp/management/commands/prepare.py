"""Brings the database up to date and, on an empty one, makes the first administrator and two tokens."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from diagnostics.agent.record import Recorder
from diagnostics.models import ApiToken, UserProfile
from webapp.credentials import Credentials

FIRST_USER = "admin"


class Command(BaseCommand):
    help = "Migrate; on an empty database make the first administrator and tokens, and write them to a file."
    # Checks import every page and every chart, twice the time of the rest; `make test` runs them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--credentials", type=Path, required=True, help="file for what was made, mode 600")
        parser.add_argument("--url", required=True, help="address to write beside it")
        parser.add_argument(
            "--exposed", action="store_true", help="others can reach the server: ask for a new password"
        )
        parser.add_argument("--launch", help="id of the launch to record into")
        parser.add_argument("--spool", help="directory of the recorder's spool")
        parser.add_argument("--parent", help="id of the phase that this is a part of")

    def handle(self, **options: Any) -> None:
        recorder = Recorder(launch_id=options["launch"], spool=options["spool"], parent=options["parent"])
        with recorder.phase("migrate", lane="database"):
            call_command("migrate", interactive=False, verbosity=1)
        path: Path = options["credentials"]
        with recorder.phase("accounts", depends_on=["migrate"], lane="database"):
            credentials = first_accounts(options["url"]) if not User.objects.exists() else Credentials.read(path)
            if credentials:
                credentials.moved_to(options["url"]).write(path)
            if credentials and options["exposed"]:
                ask_for_new_password(credentials)


def first_accounts(url: str) -> Credentials:
    """One administrator and two tokens, all or none."""
    password = secrets.token_urlsafe(15)
    with transaction.atomic():
        user = User.objects.create_superuser(FIRST_USER, password=password)
        user.groups.add(Group.objects.get(name="admin"))
        _, ingest_token = ApiToken.objects.issue(name="first ingest token", scope="ingest", created_by=user)
        _, read_token = ApiToken.objects.issue(name="first read token", scope="read", created_by=user)
    return Credentials(url, FIRST_USER, password, ingest_token, read_token)


def ask_for_new_password(credentials: Credentials) -> None:
    """A password that was printed on a terminal must not guard a server that others can reach."""
    user = User.objects.filter(username=credentials.user).first()
    if user and user.check_password(credentials.password):
        UserProfile.objects.update_or_create(user=user, defaults={"must_change_password": True})
