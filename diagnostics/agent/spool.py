"""What is to be sent waits on disk: written before anything is sent, deleted when the server has it.

A spool is a directory. Each item is one file, ``<time ns>-<kind>-<random>.spooled``: a line of JSON (kind and query),
then the gzipped body. What the server will never take is renamed to ``.refused``, its reason in ``.reason`` beside.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import IO, Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple
from urllib.parse import urlencode

from diagnostics.agent.failure import Failure
from diagnostics.agent.messages import tr

_WAITING, _REFUSED = ".spooled", ".refused"
_JSON_KINDS = ("snapshot", "host-samples", "probe")
# The server has judged the content, not the sender or the moment.
_ABOUT_THE_CONTENT = {400, 409, 413, 415, 422}
_BOOT = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
# Also right inside a .pyz, which is a directory to Python's import.
_ROOT = Path(os.path.abspath(__file__)).parents[2]  # noqa: PTH100 (resolve would follow links out of the .pyz)


class Item(NamedTuple):
    """One spooled artifact: ``path`` on the server with its query, and the gzipped ``body``."""

    file: Path
    kind: str
    path: str
    body: bytes


def directory(given: str = "") -> Path:
    """The spool: ``given``, else LAUNCHSCOPE_SPOOL, else a directory of this user's own."""
    named = given or os.environ.get("LAUNCHSCOPE_SPOOL", "")
    if named:
        return Path(named)
    with contextlib.suppress(RuntimeError):  # a user without a home
        home = Path(os.environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser())
        if os.access(next(place for place in (home, *home.parents) if place.exists()), os.W_OK):
            return home / "launchscope" / "spool"
    return Path(f"/tmp/launchscope-{os.getuid()}/spool")  # noqa: S108 (checked for its owner when it is made)


def put(spool: Path, kind: str, body: bytes, query: Mapping[str, str]) -> Path:
    """Keep an artifact until it is sent; on disk when this returns. Raises Failure."""
    name = f"{time.time_ns():020d}-{kind}-{uuid.uuid4().hex[:8]}"
    head = json.dumps({"kind": kind, "query": dict(query)}).encode()
    try:
        _make(spool)
        unfinished = spool / f".{name}"
        with _private(unfinished, "wb") as file:
            file.write(head + b"\n" + gzip.compress(body, 5))
            file.flush()
            os.fsync(file.fileno())
        return unfinished.rename(spool / (name + _WAITING))
    except OSError as error:
        raise Failure(tr("{path} cannot be written: {reason}", path=spool, reason=error.strerror)) from None


def send_all(
    spool: Path,
    server: str,
    token: str,
    patience: float,
    note: Callable[[str], Any],
    wait: Callable[[float], Any] = time.sleep,
) -> Tuple[int, int, int]:
    """Send everything, oldest first, trying for ``patience`` seconds: (sent, left, refused). One sender at a time.

    What is turned away for another reason than its content (a token, a path) stays. ``note`` is told, in a sentence,
    what went wrong.
    """
    from diagnostics.agent.upload import Pauses, UploadError  # HTTP and TLS: not needed to put

    sent, refused, pauses = 0, 0, Pauses(patience)
    stuck: Set[Path] = set()
    with _alone(spool, patience) as alone:
        while alone:
            item = next((file for file in _waiting(spool) if file not in stuck), None)
            if item is None:
                break
            try:
                arrived = _send(item, server, token, note)
                sent, refused = sent + arrived, refused + (not arrived)
            except UploadError as error:
                note(str(error))
                if error.permanent:
                    stuck.add(item)
                    continue
                try:
                    wait(pauses.after(error))
                except UploadError:
                    break
    return sent, len(_waiting(spool)), refused


def send_in_background(spool: Path, server: str, token: str) -> Optional["subprocess.Popen[bytes]"]:
    """Start a process that sends everything and outlives this one; it writes its troubles to ``upload.log``."""
    environment = {**os.environ, "LAUNCHSCOPE_URL": server, "LAUNCHSCOPE_TOKEN": token}
    command = [sys.executable or "python3", "-c", _BOOT, str(_ROOT), "diagnostics.agent.spool", str(spool.absolute())]
    nowhere = subprocess.DEVNULL
    try:
        return subprocess.Popen(
            command, stdin=nowhere, stdout=nowhere, stderr=nowhere, env=environment, start_new_session=True
        )
    except OSError:
        # It stays in the spool, for `autoglm-debug upload`.
        return None


def _send(file: Path, server: str, token: str, note: Callable[[str], Any]) -> bool:
    """True if the server has it now, False if it never will. Raises UploadError to try again."""
    from diagnostics.agent.upload import UploadError, post

    try:
        item = read(file)
        kind = "application/json" if item.kind in _JSON_KINDS else "application/octet-stream"
        post(server.rstrip("/") + item.path, item.body, token, content_type=kind)
    except UploadError as error:
        if error.status not in _ABOUT_THE_CONTENT:
            raise
        _refuse(file, str(error), note)
        return False
    except (OSError, ValueError) as error:
        _refuse(file, tr("{path} is damaged: {reason}", path=file, reason=error), note)
        return False
    file.unlink()
    return True


def read(file: Path) -> Item:
    """A spooled item. Raises OSError or ValueError."""
    head, _, body = file.read_bytes().partition(b"\n")
    about = json.loads(head)
    query: Dict[str, str] = about["query"]
    if about["kind"] == "snapshot":
        return Item(file, "snapshot", _with("/api/v1/launches", query), body)
    if about["kind"] == "bundle":
        return Item(file, "bundle", _with("/api/v1/bundles", query), body)
    return Item(file, about["kind"], _with("/api/v1/artifacts", {"kind": about["kind"], **query}), body)


def _with(path: str, query: Mapping[str, str]) -> str:
    return path + ("?" + urlencode(query) if query else "")


def _refuse(file: Path, reason: str, note: Callable[[str], Any]) -> None:
    note(reason)
    aside = file.with_suffix(_REFUSED)
    file.rename(aside)
    aside.with_suffix(".reason").write_text(reason + "\n", encoding="utf-8")


def _waiting(spool: Path) -> List[Path]:
    return sorted(spool.glob("*" + _WAITING))


@contextlib.contextmanager
def _alone(spool: Path, patience: float) -> Iterator[bool]:
    """Two senders would send everything twice: the second waits, and then looks for what is new. False: in vain."""
    _make(spool)
    deadline = time.monotonic() + patience
    with _private(spool / ".sending", "wb") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    yield False
                    return
            time.sleep(0.2)
        yield True


def _make(spool: Path) -> None:
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    if spool.stat().st_uid not in (os.geteuid(), 0) and os.geteuid() != 0:
        raise PermissionError(13, tr("it belongs to another user"))


def _private(path: Path, mode: str) -> IO[Any]:
    encoding = None if "b" in mode else "utf-8"
    return open(path, mode, encoding=encoding, opener=lambda name, flags: os.open(name, flags, 0o600))


def _background() -> None:
    """What ``send_in_background`` runs."""
    from diagnostics.agent.upload import PATIENCE

    spool = Path(sys.argv[1])
    os.nice(10)

    def note(text: str) -> None:
        log = spool / "upload.log"
        mode = "w" if log.exists() and log.stat().st_size > 65_536 else "a"
        with _private(log, mode) as file:
            file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n")

    send_all(spool, os.environ["LAUNCHSCOPE_URL"], os.environ["LAUNCHSCOPE_TOKEN"], PATIENCE, note)


if __name__ == "__main__":
    _background()
