"""``diagnose status``: one screen, cheap: the service's last launch and health, and how the host is, within 200 ms.

What has to be asked over the network is asked at the same time and left behind at the deadline.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import Callable, Dict, List, Mapping, Optional, Sequence

from diagnostics.agent.checks import FAILED, GOOD, UNKNOWN, WARNING, Check
from diagnostics.agent.checks import disk as disks
from diagnostics.agent.checks import memory as memories
from diagnostics.agent.checks import pressure as pressures
from diagnostics.agent.failure import Failure
from diagnostics.agent.messages import tr
from diagnostics.agent.probing import Target, probe
from diagnostics.agent.units import duration

Look = Callable[[], List[Check]]
# With the start of Python and the imports it stays below 200 ms.
DEADLINE = 0.12
_ENDED = {
    "success": "last launch ready after {took}, started {ago} ago{version}",
    "failed": "last launch failed after {took}, started {ago} ago{version}",
}


def status(paths: Sequence[str], remote: Mapping[str, Look], deadline: float = DEADLINE) -> List[Check]:
    """Checks of the host, after those of ``remote`` (how to look, by name), which get ``deadline`` seconds together."""
    end = time.monotonic() + deadline
    answers: "queue.Queue[tuple[str, List[Check]]]" = queue.Queue()
    for name, look in remote.items():
        threading.Thread(target=_look, args=(answers, name, look), daemon=True).start()
    own = [*memories.memory(), *pressures.pressure(), *(check for path in paths for check in disks.space(path))]
    heard = _heard(answers, len(remote), end)
    late = tr("no answer within {deadline}", deadline=duration(int(deadline * 1e9)))
    asked = [heard.get(name) or [Check(name, "unknown", UNKNOWN, f"{tr(name)}: {late}")] for name in remote]
    return [*(check for checks in asked for check in checks), *own]


def _look(answers: "queue.Queue[tuple[str, List[Check]]]", name: str, look: Look) -> None:
    try:
        answers.put((name, look()))
    except Failure as failure:
        answers.put((name, [Check(name, "unknown", UNKNOWN, failure.message)]))


def _heard(answers: "queue.Queue[tuple[str, List[Check]]]", count: int, end: float) -> Dict[str, List[Check]]:
    heard: Dict[str, List[Check]] = {}
    while len(heard) < count:
        try:
            name, checks = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        heard[name] = checks
    return heard


def health(target: Target, timeout: float) -> List[Check]:
    """The service itself, by its own protocol."""
    outcome = probe(target, timeout)
    name = target.name or target.address
    if outcome.ok:
        message = tr("{name} answers after {took}", name=name, took=duration(outcome.duration))
        return [Check("health", "application", GOOD, message, actual=outcome.duration, unit="ns")]
    # In a status that must not take long, slow is not the same as down.
    state = UNKNOWN if outcome.reason == "timeout" else FAILED
    return [Check("health", "application", state, outcome.message, "ok", outcome.reason)]


def last_launch(launch: Optional[Mapping[str, object]], service: str, now: int) -> Check:
    """The newest launch as the API tells it."""
    if launch is None:
        return Check("last-launch", "application", UNKNOWN, tr("no launch of “{service}” is known", service=service))
    total, started = launch.get("total_ns"), launch.get("start_time")
    took = duration(int(str(total))) if total is not None else "–"
    ago = duration(max(0, now - int(str(started)))) if started is not None else "–"
    version = f", {launch['version']}" if launch.get("version") else ""
    sentence = _ENDED.get(str(launch["status"]), "last launch not ready yet, started {ago} ago{version}")
    message = tr(sentence, took=took, ago=ago, version=version)
    slower = launch.get("verdict") == "regressed"
    state = FAILED if launch["status"] == "failed" else WARNING if slower else GOOD
    evidence = [str(launch["headline"])] if launch.get("headline") else []
    return Check("last-launch", "application", state, message, evidence=evidence)
