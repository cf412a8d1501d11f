"""The home: who may enter, and that only one instance does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.home import CannotStart, Home

HOLDS = """
import sys
from pathlib import Path
from webapp.home import Home
lock = Home.open(Path(sys.argv[1])).lock()
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


def test_only_one_instance_at_a_time_and_a_killed_one_leaves_no_lock(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(CannotStart, match=rf"Another Launchscope \(process {other.pid}\) uses {home.path}"):
            home.lock()
        other.kill()
    lock = home.lock()
    assert lock.left_by_a_killed_one
    lock.release()
    assert not home.lock().left_by_a_killed_one


def test_secrets_are_made_once_and_for_their_owner_only(home: Home) -> None:
    path = home.path / "secret_key"
    secret = home.secret(path)
    assert len(secret) >= 50
    assert home.secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600


def test_others_cannot_look_into_the_home(home: Home) -> None:
    assert home.path.stat().st_mode & 0o066 == 0
    assert home.run.stat().st_mode & 0o777 == 0o700
    assert home.logs.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")
def test_as_root_the_servers_have_an_account_of_their_own(home: Home) -> None:
    assert home.account is not None
    assert home.account.uid != 0
    assert home.run.stat().st_uid == home.account.uid
    for parent in home.run.parents:
        assert parent.stat().st_mode & 0o001, f"{parent} cannot be passed"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user's files")
def test_data_of_an_ordinary_user_stays_that_users_when_root_starts(tmp_path: Path) -> None:
    (tmp_path / "home" / "database").mkdir(parents=True)
    os.chown(tmp_path / "home" / "database", 12345, 12346)
    account = Home.open(tmp_path / "home").account
    assert account is not None
    assert (account.uid, account.gid) == (12345, 12346)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_is_one_sentence() -> None:
    for place in ("/launchscope", "/proc/launchscope"):
        with pytest.raises(CannotStart, match="set LAUNCHSCOPE_HOME to a directory of your own"):
            Home.open(Path(place))
