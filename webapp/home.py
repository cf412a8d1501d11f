"""The directory an embedded instance lives in: its places, their modes, and the lock that keeps a second one out."""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ACCOUNT_NAME = "launchscope"


class CannotStart(Exception):
    """One sentence for the person at the terminal: what is wrong and what to do."""


@dataclass(frozen=True)
class Account:
    """Whom PostgreSQL and Valkey run as when Launchscope runs as root, which PostgreSQL refuses to be."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Lock:
    """The home is ours. The file names the process that has it, and is emptied by an orderly end."""

    handle: IO[str]
    left_by_a_killed_one: bool

    def note(self, content: str) -> None:
        self.handle.truncate(0)
        self.handle.write(content)
        self.handle.flush()

    def release(self) -> None:
        self.note("")
        self.handle.close()


@dataclass(frozen=True)
class Home:
    path: Path
    account: Account | None

    @classmethod
    def open(cls, path: Path) -> Home:
        """Creates what is missing. Raises CannotStart if the place cannot be used."""
        try:
            path.mkdir(parents=True, exist_ok=True)
            home = cls(path, _account(path / "database"))
            # The servers' account has to pass through the home, but may not list it.
            path.chmod(0o711 if home.account else 0o700)
            home.logs.mkdir(exist_ok=True, mode=0o700)
            home.own(home.run)
        except (PermissionError, FileNotFoundError, NotADirectoryError, FileExistsError) as error:
            raise CannotStart(
                f"{error.filename} cannot be used by this user: set LAUNCHSCOPE_HOME to a directory of your own."
            ) from None
        return home

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def credentials(self) -> Path:
        return self.path / "credentials.json"

    def own(self, directory: Path) -> Path:
        """A directory that only the servers' account (and root) can enter."""
        directory.mkdir(exist_ok=True, mode=0o700)
        if self.account:
            os.chown(directory, self.account.uid, self.account.gid)
            _make_reachable(directory)
        return directory

    def lock(self) -> Lock:
        """Held until released, at the latest when this process ends, however it ends. Raises CannotStart."""
        handle = (self.path / "lock").open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            raise CannotStart(
                f"Another Launchscope (process {handle.read().strip() or 'unknown'}) uses {self.path}: "
                "stop it, or set LAUNCHSCOPE_HOME and PORT to run a second one."
            ) from None
        handle.seek(0)
        lock = Lock(handle, left_by_a_killed_one=bool(handle.read()))
        lock.note(str(os.getpid()))
        return lock

    def write_secret(self, path: Path, content: str, *, for_servers: bool = False) -> None:
        """Never readable by others, not even for a moment; replaced whole or not at all."""
        draft = path.with_name(path.name + ".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        if for_servers and self.account:
            os.chown(draft, self.account.uid, self.account.gid)
        draft.replace(path)

    def secret(self, path: Path) -> str:
        """The secret kept in the file, made on first use."""
        if not path.exists():
            self.write_secret(path, secrets.token_urlsafe(48) + "\n")
        return path.read_text().strip()


def _account(database: Path) -> Account | None:
    if os.geteuid() != 0:
        return None
    if database.exists() and database.stat().st_uid != 0:
        # Data made by an ordinary user stays that user's, also when root starts the instance.
        return Account(database.stat().st_uid, database.stat().st_gid)
    try:
        entry = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        entry = _create_account()
    return Account(entry.pw_uid, entry.pw_gid)


def _create_account() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    command = [useradd or "", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    if (
        not useradd
        or subprocess.run([*command, "--shell", "/usr/sbin/nologin", ACCOUNT_NAME], capture_output=True).returncode
    ):
        raise CannotStart(
            f"PostgreSQL does not run as root, and the system user {ACCOUNT_NAME!r} for it cannot be added: "
            "run as an ordinary user."
        )
    return pwd.getpwnam(ACCOUNT_NAME)


def _make_reachable(directory: Path) -> None:
    """Lets other accounts pass (not list) the directories above, as PostgreSQL needs for its own."""
    for parent in directory.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
