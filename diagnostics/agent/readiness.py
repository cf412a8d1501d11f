"""Decides when a launch is ready: by a line of its output, by a URL that answers, by a port that is listened on.

Told several ways, it is ready when all of them are met. The milestones are those of the wire contract: ``ready_line``,
``health_ok``, ``first_success``; ``port_open`` beside them.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from typing import Callable, Dict, List, NamedTuple, Optional, Pattern, Sequence, Set, Tuple

from diagnostics.agent.failure import USAGE, Failure
from diagnostics.agent.messages import tr
from diagnostics.agent.waiting import listening

LINE, PORT, HEALTH, SUCCESS = "ready_line", "port_open", "health_ok", "first_success"
_POLL = 0.1
# Looking must not cost the launch more than this share of a CPU.
_SHARE = 0.005


class Criteria(NamedTuple):
    """``lines`` are regular expressions; ``url`` is polled for ``health_ok``, ``success_url`` (or ``url`` again) for
    ``first_success``; ``port`` is ``8000`` or ``host:8000``. None of them: the profile's ready line decides."""

    lines: Tuple[str, ...] = ()
    url: str = ""
    success_url: str = ""
    port: str = ""

    def explicit(self) -> bool:
        return bool(self.lines or self.url or self.success_url or self.port)


class Readiness:
    """Collects milestones (ns) until nothing is missing: then ``reached`` and ``changed`` are set. For any thread."""

    def __init__(self, criteria: Criteria, now: Callable[[], int], changed: threading.Event) -> None:
        self.reached = threading.Event()
        self._changed = changed
        self.milestones: Dict[str, int] = {}
        self.by: List[str] = []
        self._criteria = criteria
        self._now = now
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._patterns: List[Pattern[str]] = [_pattern(line) for line in criteria.lines]
        self._missing = _missing(criteria)
        self._pid: Optional[int] = None

    def watch(self, pid: int) -> None:
        """Begin to poll, on behalf of the child ``pid``."""
        self._pid = pid
        for wanted, target in ((self._criteria.url, self._poll_url), (self._criteria.port, self._poll_port)):
            if wanted:
                threading.Thread(target=target, name="readiness", daemon=True).start()
        if self._criteria.success_url and not self._criteria.url:
            threading.Thread(target=self._poll_url, name="readiness", daemon=True).start()

    def line(self, text: str, at: int) -> None:
        """A line of output; ``at`` is when it arrived."""
        for pattern in self._patterns:
            if pattern.search(text):
                self._patterns = [other for other in self._patterns if other is not pattern]
                if not self._patterns:
                    self._reach(LINE, at, f"line {pattern.pattern}")
                return

    def profile_says_ready(self, at: int, why: str) -> None:
        """The profile's own ready line: a milestone in any case, and the decision if nothing else was asked for."""
        with self._lock:
            asked = LINE in self._missing and self._criteria.lines
            if not asked:
                self.milestones.setdefault(LINE, at)
        if not self._criteria.explicit():
            self._reach(LINE, at, why)

    def give_up(self) -> None:
        """End all polling."""
        self._over.set()

    def _reach(self, milestone: str, at: int, why: str) -> None:
        with self._lock:
            self.milestones.setdefault(milestone, at)
            self.by.append(why)
            self._missing.discard(milestone)
            if not self._missing:
                self.reached.set()
                self._changed.set()
                self._over.set()

    def _poll_port(self) -> None:
        host, _, port = self._criteria.port.rpartition(":")
        while not self._over.is_set():
            began = time.thread_time()
            if self._port_open(host, int(port)):
                at = self._now()
                # A port is no proof of health, but it is all the health that was asked for.
                if HEALTH not in self._missing:
                    self.milestones.setdefault(HEALTH, at)
                self._reach(PORT, at, f"port {port}")
                return
            self._pause(began)

    def _port_open(self, host: str, port: int) -> bool:
        if host in ("", "localhost", "127.0.0.1", "0.0.0.0", "[::1]"):  # noqa: S104 (compared, not bound)
            known = listening(port, self._pid)
            if known is not None:
                return known
        try:
            socket.create_connection((host.strip("[]") or "127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    def _poll_url(self) -> None:
        if self._criteria.url and self._poll(self._criteria.url, HEALTH):
            self._reach(HEALTH, self._now(), f"url {self._criteria.url}")
        if SUCCESS in self._missing and self._poll(self._criteria.success_url or self._criteria.url, SUCCESS):
            self._reach(SUCCESS, self._now(), f"url {self._criteria.success_url or self._criteria.url}")

    def _poll(self, url: str, milestone: str) -> bool:
        while not self._over.is_set():
            began = time.thread_time()
            if _answers(url, whole=milestone == SUCCESS):
                return True
            self._pause(began)
        return False

    def _pause(self, began: float) -> None:
        self._over.wait(max(_POLL, (time.thread_time() - began) / _SHARE))


def _missing(criteria: Criteria) -> Set[str]:
    wanted = {LINE: criteria.lines, PORT: criteria.port, HEALTH: criteria.url}
    missing = {milestone for milestone, asked in wanted.items() if asked}
    if criteria.success_url or criteria.url:
        missing.add(SUCCESS)
    return missing or {LINE}


def _pattern(text: str) -> Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        message = tr("--ready-line {text}: not a regular expression: {reason}", text=text, reason=error)
        raise Failure(message, USAGE) from None


def taken(criteria: Criteria) -> Sequence[str]:
    """Sentences about ports and URLs that answer before the launch begins: somebody else is there already."""
    found = []
    port = criteria.port.rpartition(":")[2]
    if port and listening(int(port)):
        found.append(tr("Port {port} is listened on before the launch begins: by whom?", port=port))
    answering = [url for url in (criteria.url, criteria.success_url) if url and _answers(url, timeout=1)]
    found += [
        tr("{url} answers before the launch begins: is an older one still running?", url=url)
        for url in dict.fromkeys(answering)
    ]
    return found


def _answers(url: str, whole: bool = False, timeout: float = 10.0) -> bool:
    # HTTP and TLS take megabytes that a launch without a URL need not spend.
    from diagnostics.agent.url_answers import answers

    return answers(url, whole, timeout)
