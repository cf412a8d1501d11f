"""What a line plainly says happened, beside what the engine's profile reads in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from diagnostics.agent.profiles import Profile
from diagnostics.agent.sieve import NEVER, Sieve
from diagnostics.parsers.container_log.levels import CRITICAL, ERROR
from diagnostics.records import Category

_SUBJECTS: Mapping[Category, Sequence[str]] = {
    Category.OOM_KILL: (r"\bOOMKilled\b", r"[Oo]ut of memory: Kill", r"\boom[-_]kill(?:er)?\b", r"Killed process \d"),
    Category.PROBE_FAILED: (
        r"Probe failed\b",
        r"\b(?i:liveness|readiness|startup) probe (?:failed|errored)",
        r"failed (?:liveness|startup) probe",
    ),
    Category.BACKOFF: (r"\b(?:CrashLoop|ImagePull)BackOff\b", r"\b[Bb]ack-off (?:restarting|pulling|\S+ restarting)"),
    Category.IMAGE_PULL: (
        r"\b(?:Pulling|Successfully pulled|Failed to pull) image",
        r"\bPullImage\b",
        r"\bErrImagePull\b",
        r"already present on machine",
    ),
    Category.SCHEDULING: (r"\bFailedScheduling\b", r"\d nodes are available"),
    Category.SEGFAULT: (r"\bSegmentation fault\b", r"\bSIGSEGV\b", r"\bsegfault at\b"),
    Category.GPU: (r"NVRM: ", r"\bXid \(", r"CUDA error", r"CUDA out of memory", r"\bNCCL error", r"uncorrectable ECC"),
    Category.CONTAINER: (
        r"docker-entrypoint",
        r"\b(?:Start|Create|Kill|Stop)Container\b",
        r"(?:^|\s)\S+ exited with code \d",
        r"\b(?:[Ss]tarted|[Cc]reated|[Kk]illing|[Ss]topping) container\b",
    ),
}
_FAILED = (
    r"CUDA (?:error: )?out of memory",
    r"\bOutOfMemoryError\b",
    r"^panic: ",
    r"Watchdog caught collective operation timeout",
    r"client socket has timed out",
    r"Segmentation fault",
    r"[Oo]ut of memory: Kill",
)
_ANY = re.compile("|".join(f"(?P<{category}>{'|'.join(patterns)})" for category, patterns in _SUBJECTS.items()))
_FAILURE = re.compile("|".join(_FAILED))
_SIEVE = Sieve([*(pattern for patterns in _SUBJECTS.values() for pattern in patterns), *_FAILED])
_VICTIM = re.compile(r"Killed process (?P<pid>\d+)(?:, UID \d+,)? \((?P<victim>[^)]*)\)")
_SIZES = re.compile(r"(total-vm|anon-rss|file-rss|shmem-rss):(\d+)kB")


def judge(level: str, text: str, *, engine: bool, in_traceback: bool) -> tuple[str, Category, dict[str, Any]]:
    """Level, category and fields of a message. A failure is an ``error`` whatever it calls itself, and what a runtime
    says in so many words beats what an engine's rule matched."""
    raised = level if level in (ERROR, CRITICAL) or not in_traceback else ERROR
    own = Category.ENGINE if engine else Category.OTHER
    if not _SIEVE.passes(text):
        return raised, own, {}
    if raised not in (ERROR, CRITICAL) and _FAILURE.search(text):
        raised = ERROR
    match = _ANY.search(text)
    category = Category(match.lastgroup or "") if match else own
    if engine and category in (Category.GPU, Category.CONTAINER):
        category = Category.ENGINE
    return raised, category, _kill(text) if category is Category.OOM_KILL else {}


class Known:
    """Whether any rule, fact, ready line or failure of these profiles knows a line: one search for all of them."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.profiles = tuple(profile.name for profile in profiles)
        patterns = [pattern for profile in profiles for pattern in profile.patterns() if pattern != NEVER]
        self.search = re.compile("|".join(f"(?:{nameless(pattern)})" for pattern in patterns)).search


def nameless(pattern: str) -> str:
    """The pattern fit to be an alternative among others: group names may not come twice."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _kill(text: str) -> dict[str, Any]:
    victim = _VICTIM.search(text)
    sizes = {f"{name.replace('-', '_')}_kb": int(size) for name, size in _SIZES.findall(text)}
    return {**({"victim": victim["victim"], "pid": int(victim["pid"])} if victim else {}), **sizes}
