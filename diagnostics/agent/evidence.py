"""Reads what a host keeps of a span of time, one function a source; every text leaves with its secrets hidden."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Set, Union

from diagnostics.agent import kernel, masking
from diagnostics.agent.messages import tr

NS = 10**9
SYSSTAT = (Path("/var/log/sysstat"), Path("/var/log/sa"))
# Of a larger file its end is taken: that is where the launch is.
MOST = 64 * 1024 * 1024
_JSON = ("k8s-events", "k8s-pod")


class Evidence(NamedTuple):
    """An artifact: ``query`` are the parameters that help to read it."""

    kind: str
    name: str
    content: bytes
    query: Dict[str, str]


class Missing(NamedTuple):
    """A source that has nothing, and why, in a sentence."""

    kind: str
    reason: str


Found = Iterator[Union[Evidence, Missing]]


def kernel_log(since: int, until: int) -> Found:
    """The kernel's messages between two times, ns."""
    log = kernel.messages(since, until)
    if log.reason:
        yield Missing("kernel-log", log.reason)
    elif not log.text:
        yield Missing("kernel-log", tr("the kernel said nothing in that time"))
    else:
        query = {"boot_time": str(log.boot_time)}
        yield Evidence("kernel-log", "kmsg.txt", masking.mask_text(log.text).encode("utf-8", "replace"), query)


def sar(since: int, until: int) -> Found:
    """Whole days of sysstat: as JSON where ``sadf`` is installed, else the binary files, which the server reads."""
    days = _days(since, until)
    if not days:
        yield Missing(
            "sar", tr("sysstat has no record of those days in {places}", places=" or ".join(map(str, SYSSTAT)))
        )
    for file in days:
        converted = _sadf(file)
        if converted:
            yield Evidence("sadf", f"{file.name}.json", converted, {})
        else:
            yield from file_of("sar", file)


def _days(since: int, until: int) -> List[Path]:
    """``sa23`` or ``sa20261123`` for each day, as they are named by the calendar of this host."""
    day, last = datetime.fromtimestamp(since / NS), datetime.fromtimestamp(until / NS)
    names: Set[str] = set()
    while day.date() <= last.date() and len(names) < 200:
        names |= {day.strftime("sa%d"), day.strftime("sa%Y%m%d")}
        day += timedelta(days=1)
    found = [folder / name for folder in SYSSTAT for name in sorted(names) if (folder / name).is_file()]
    # A month ago the same name was another day.
    return [file for file in found if file.stat().st_mtime_ns >= since]


def _sadf(file: Path) -> bytes:
    command = shutil.which("sadf")
    if command is None:
        return b""
    # Some versions write decimal commas into their JSON under other locales.
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    try:
        done = subprocess.run(
            [command, "-j", str(file), "--", "-A"], capture_output=True, timeout=60, check=False, env=environment
        )
        json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return b""
    return done.stdout


def file_of(kind: str, path: Path) -> Found:
    """A file as an artifact of ``kind``; text is masked, binary files are taken as they are."""
    try:
        content = _end(path)
    except (OSError, EOFError) as error:
        yield Missing(kind, tr("{path} cannot be read: {reason}", path=path, reason=getattr(error, "strerror", error)))
        return
    yield Evidence(kind, _plain(path.name), _masked(kind, content), {})


def _plain(name: str) -> str:
    return name[:-3] if name.endswith(".gz") else name


def _end(path: Path) -> bytes:
    with path.open("rb") as stream:
        if stream.read(2) == b"\x1f\x8b":
            stream.seek(0)
            return gzip.open(stream).read(MOST)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - MOST))
        if size > MOST:
            stream.readline()
        return stream.read()


def _masked(kind: str, content: bytes) -> bytes:
    if b"\0" in content[:4096]:
        return content
    if kind in _JSON:
        try:
            return json.dumps(masked_json(json.loads(content)), ensure_ascii=False).encode("utf-8", "replace")
        except ValueError:
            pass
    # Line by line: a pattern that spans lines would look through all of a large log at once.
    lines = content.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    return "".join(map(masking.mask_text, lines)).encode("utf-8", "surrogateescape")


def masked_json(value: Any) -> Any:
    """``{"name": "DB_PASSWORD", "value": …}``, as Kubernetes lists settings, masked by its name; all else by shape."""
    if isinstance(value, dict):
        masked = {key: masked_json(item) for key, item in value.items()}
        if isinstance(value.get("name"), str) and isinstance(value.get("value"), str):
            masked["value"] = masking.mask_value(value["name"], value["value"])
        return masked
    if isinstance(value, list):
        return [masked_json(item) for item in value]
    return masking.mask_text(value) if isinstance(value, str) else value
