"""Lines that programs print, found by what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import distinct
from diagnostics.records import NS_PER_SECOND, Kind, LaunchStatus

# Files whose events are not what a program said; a file that is not described may be a log.
NO_LOGS = frozenset((Kind.K8S_EVENTS, Kind.K8S_POD, Kind.PROBE, Kind.KERNEL_LOG, Kind.PING, Kind.TRACEROUTE))
# Lines of a launch that broke off come until its last process has ended.
AFTERWARDS = 30 * NS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that lines say. A line without any of ``needles`` (lower case) is not worth a search: logs have
    a hundred thousand lines, and there are many signs."""

    needles: tuple[str, ...]
    pattern: re.Pattern[str]


def sign(*needles: str, pattern: str = "") -> Sign:
    """A sign of these words, in any case; ``pattern`` says more closely how, and names parts."""
    return Sign(needles, re.compile(pattern or "|".join(map(re.escape, needles)), re.IGNORECASE))


def said(case: Case, what: Sign) -> list[tuple[SeenEvent, re.Match[str]]]:
    """The lines of the launch that say it, in order, each once."""
    found = [(seen, match) for seen in log_lines(case) if (match := _match(seen, what))]
    kept = {id(seen) for seen in distinct(seen for seen, _ in found)}
    return [(seen, match) for seen, match in found if id(seen) in kept]


def log_lines(case: Case) -> Iterator[SeenEvent]:
    """What programs said from a little before the launch until it was ready, or had ended."""
    others = {file.artifact for file in case.files if file.kind in NO_LOGS}
    after = AFTERWARDS if case.launch.status is LaunchStatus.FAILED else 0
    start, end = case.window.start - NS_PER_SECOND, case.window.end + after
    return (seen for seen in case.events if start <= seen.event.time <= end and seen.artifact not in others)


def _match(seen: SeenEvent, what: Sign) -> re.Match[str] | None:
    text = seen.event.text.lower()
    if not any(needle in text for needle in what.needles):
        return None
    return what.pattern.search(seen.event.text)
