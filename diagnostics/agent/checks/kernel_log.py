"""What the kernel said of disks and of memory that ran out, lately."""

from __future__ import annotations

import re
import time
from typing import List, NamedTuple

from diagnostics.agent import kernel
from diagnostics.agent.checks.check import FAILED, GOOD, UNKNOWN, WARNING, Check
from diagnostics.agent.messages import tr
from diagnostics.agent.units import duration

# A dying disk writes thousands of the same line.
_SHOWN = 5


class Rule(NamedTuple):
    name: str
    layer: str
    state: str
    pattern: "re.Pattern[str]"
    sentence: str
    advice: str


# One line per event: the follow-ups of the same kill (“Killed process”, “oom_reaper”) are left out on purpose.
RULES = (
    Rule(
        "kernel-oom",
        "memory",
        FAILED,
        re.compile(r"(?:Out of memory|Memory cgroup out of memory): Kill(?:ed)? process"),
        "the kernel killed a process for want of memory",
        "Raise the memory limit above what the process needs at its peak, or load less at once.",
    ),
    Rule(
        "kernel-io-error",
        "storage",
        FAILED,
        re.compile(r"(?i)I/O error, dev |Buffer I/O error on dev|critical medium error|nvme\S* .*(?:timeout|reset)"),
        "the kernel met errors of a disk",
        "Look at the disk's health (smartctl, nvme smart-log) and at its cabling or network path.",
    ),
    Rule(
        "kernel-file-system",
        "storage",
        FAILED,
        re.compile(
            r"(?i)(?:EXT4|XFS|BTRFS)\S*(?: \([^)]*\))?:? .*(?:error|corrupt|shut ?down)|remounting filesystem read-only"
        ),
        "the kernel met errors of a file system",
        "Check the file system before the next launch writes to it.",
    ),
    Rule(
        "kernel-hung-task",
        "storage",
        WARNING,
        re.compile(r"blocked for more than \d+ seconds"),
        "a task was stuck in the kernel",
        "The call trace below that line names what it waited for; most often a disk or a network file system.",
    ),
    Rule(
        "kernel-gpu",
        "accelerator",
        FAILED,
        re.compile(r"NVRM: Xid|amdgpu.*(?:GPU reset|ring \S+ timeout)"),
        "the kernel reports a fault of the GPU",
        "Look up the Xid; drain the host if it comes again.",
    ),
)


def kernel_log(since_seconds: float) -> List[Check]:
    """One check per rule that matched in the last ``since_seconds``; one that says so if none did."""
    until = time.time_ns()
    log = kernel.messages(until - int(since_seconds * 1e9), until)
    span = duration(int(since_seconds * 1e9))
    if log.reason:
        message = tr("the kernel's messages cannot be read here: {reason}", reason=log.reason)
        return [Check("kernel-log", "unknown", UNKNOWN, message, advice=tr("Run as root on the host itself."))]
    found = judge(log.text.splitlines(), span)
    if found:
        return found
    message = tr("the kernel reported no such trouble in the last {span} ({lines} lines)", span=span, lines=log.lines)
    return [Check("kernel-log", "storage", GOOD, message)]


def judge(lines: List[str], span: str) -> List[Check]:
    """Kernel lines → a check per rule that some of them match, the newest as evidence."""
    checks = []
    for rule in RULES:
        hits = [line for line in lines if rule.pattern.search(line)]
        if hits:
            message = tr(
                "{sentence} ({count} lines in the last {span})", sentence=tr(rule.sentence), count=len(hits), span=span
            )
            checks.append(
                Check(
                    rule.name, rule.layer, rule.state, message, 0, len(hits), "lines", hits[-_SHOWN:], tr(rule.advice)
                )
            )
    return checks
