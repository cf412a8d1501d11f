"""Which of the many ways a kernel log is written in, by its first lines; and whether it is one at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import Enum, auto

from diagnostics.parsers.kernel_log import journal, stamped, syslog
from diagnostics.parsers.kernel_log.dates import day_of_year, month_of
from diagnostics.parsers.kernel_log.text import COLOUR, META


class Form(Enum):
    """``auto`` in the order in which a line is tried."""

    KMSG = auto()
    RAW = auto()
    CTIME = auto()
    ISO = auto()
    RELATIVE = auto()
    DELTA = auto()
    RFC5424 = auto()
    SYSLOG_ISO = auto()
    YEARLESS = auto()
    UNIX = auto()
    MONOTONIC = auto()
    BARE = auto()
    DMESG_JSON = auto()
    JOURNAL = auto()
    JOURNAL_PRETTY = auto()
    JOURNAL_EXPORT = auto()
    JOURNAL_VERBOSE = auto()
    JOURNAL_HEADER = auto()


PATTERNS = {
    Form.KMSG: stamped.KMSG,
    Form.RAW: stamped.RAW,
    Form.CTIME: stamped.CTIME,
    Form.ISO: stamped.ISO,
    Form.RELATIVE: stamped.RELATIVE,
    Form.DELTA: stamped.DELTA,
    Form.RFC5424: syslog.RFC5424,
    Form.SYSLOG_ISO: syslog.ISO,
    Form.YEARLESS: syslog.YEARLESS,
    Form.UNIX: syslog.UNIX,
}
DMESG_FORMS = frozenset((Form.RAW, Form.CTIME, Form.ISO, Form.RELATIVE, Form.DELTA))
SYSTEM_LOGS = (Form.RFC5424, Form.SYSLOG_ISO, Form.YEARLESS, Form.UNIX)
DMESG_JSON = re.compile(r'\s*\{\s*"dmesg"\s*:\s*\[|\s*\{ *"(?:pri|fac)" *: *[^,]*, *"(?:pri|time)" *:[^{]*"msg" *:')
JOURNAL_KEYS = ('"__REALTIME_TIMESTAMP"', '"__CURSOR"', '"_BOOT_ID"')
# How `journalctl --header` begins: it tells of the journal's files, not of messages.
JOURNAL_HEADER = re.compile(r"File path: /\S*\.journal~?$", re.IGNORECASE)
LOOKED_AT = 500
# Words of the kernel alone, for lines without a stamp and for stamps that other programs write too.
KERNEL_WORDS = re.compile(
    r"Linux version \d|Command line: |Call Trace:|Modules linked in: |Hardware name: |invoked oom-killer: "
    r"|Kill(?:ed)? process \d"
    r"|CPU: \d+ (?:UID: \d+ )?PID: \d+ |Pid: \d+, comm: |(?:Not tainted|Tainted: )|\w\+0x[0-9a-f]+/0x[0-9a-f]+"
    r"|kernel BUG at |BUG: |WARNING: at |Oops: |possible \w+ lock|RIP: |segfault at [0-9a-f]|soft lockup - CPU#"
    r"|^[\w-]+ [0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d: |^(?:usb|scsi|ata|pci|sd|nvme|hub|input)\d* ?[\d:.\-]+ ?: "
    r"|^(?:EXT[234]-fs|XFS|BTRFS|NET|ACPI|PCI|BIOS-e820|IPv6|TCP|SELinux|audit|NVRM|NVIDIA|systemd\[1\])[ :(]"
    r"|I/O error, dev |oom_reaper: | total_vm +rss |oom-kill:constraint=|blocked for more than \d+ s"
    r"|promiscuous mode|entered \w+ state"
    r"|^(?:Mem-Info:|active_anon:|Memory cgroup|Tasks state|pid_max:|Freeing |Initializing |Calibrating )"
    r"|^(?:calling  |initcall |probe of )\S+"
)
# Servers (Apache, for one) write a stamp as `dmesg -T` does, with a level in brackets behind it.
LEVEL_IN_BRACKETS = re.compile(r"\[(?:[\w-]+:)?(?:error|warn|warning|notice|info|debug|crit|alert|emerg|trace\d)\]")
HOST_DAEMONS = {
    "sshd",
    "su",
    "sudo",
    "CRON",
    "CROND",
    "cron",
    "crond",
    "crontab",
    "anacron",
    "login",
    "logrotate",
    "udev",
}
HOST_DAEMONS |= {"systemd", "systemd-logind", "NetworkManager", "dhclient", "ntpd", "chronyd", "polkitd", "yum", "dnf"}
HOST_DAEMONS |= {"rsyslogd", "syslogd", "klogd", "auditd", "ftpd", "xinetd", "sshd(pam_unix)", "su(pam_unix)"}
CONTAINER_DAEMONS = {"kubelet", "kubenswrapper", "hyperkube", "crio", "containerd", "dockerd", "k3s", "rke2"}
ALONE = 3  # lines of programs of which one is the host's make a host's log


def form_of(lines: Sequence[str]) -> Form:
    """The form that most of the first lines are in; ``BARE`` when none has a stamp. Lines are without colours."""
    first = next((line for line in lines if line.strip() and not META.fullmatch(line)), "")
    if special := _special(first, lines):
        return special
    votes = Counter(form for line in lines[:LOOKED_AT] if (form := line_form(line)))
    if not votes:
        return Form.BARE
    form = votes.most_common(1)[0][0]
    return Form.MONOTONIC if form is Form.RAW and _names_a_host(lines) else form


def line_form(line: str) -> Form | None:
    """The form of one line of text."""
    for form, pattern in PATTERNS.items():
        if (match := pattern.match(line)) and _has_its_day(form, match):
            return form
    return None


def _has_its_day(form: Form, match: re.Match[str]) -> bool:
    """Other programs write other days in the same places."""
    if form is Form.CTIME:
        return any(month_of(word) for word in [*match[4].split(), *match[7].split()])
    return form is not Form.YEARLESS or match[3] is not None or day_of_year(match[2]) is not None


def recognise(head: bytes) -> bool:
    """A kernel log in any of its forms, or a host's system log, which has the kernel's lines among others."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "replace").encode()
    text = COLOUR.sub("", head.decode(errors="replace").removeprefix("\ufeff"))
    return is_kernel_log([line.rstrip("\r") for line in text.split("\n")])


def is_kernel_log(lines: Sequence[str]) -> bool:
    form = form_of(lines)
    if form in (Form.DMESG_JSON, Form.JOURNAL_HEADER):
        return True
    if form in (Form.JOURNAL, Form.JOURNAL_PRETTY, Form.JOURNAL_EXPORT, Form.JOURNAL_VERBOSE):
        return any(re.search(r'"?(?:_TRANSPORT|SYSLOG_IDENTIFIER)"?\s*[:=]\s*"?kernel\b', line) for line in lines)
    if form is Form.CTIME and any(LEVEL_IN_BRACKETS.search(line) for line in lines[:LOOKED_AT]):
        return False
    if form in SYSTEM_LOGS:
        return _is_system_log(form, lines)
    return (form is not Form.BARE and _mostly(form, lines)) or _speaks_kernel(lines)


def _special(first: str, lines: Sequence[str]) -> Form | None:
    """The forms that are more than a line a message."""
    if JOURNAL_HEADER.match(first):
        return Form.JOURNAL_HEADER
    if DMESG_JSON.match("\n".join(lines[:10])):
        return Form.DMESG_JSON
    if first.startswith("__CURSOR=") or (journal.KEY.match(first) and any("__REALTIME" in line for line in lines[:50])):
        return Form.JOURNAL_EXPORT
    if journal.VERBOSE.fullmatch(first):
        return Form.JOURNAL_VERBOSE
    text = first.lstrip("\x1e \t").removeprefix("data: ")
    if text.startswith("{") and any(key in text for key in JOURNAL_KEYS):
        return Form.JOURNAL
    if first.strip("\x1e ") == "{" and any(key in line for line in lines[:60] for key in JOURNAL_KEYS):
        return Form.JOURNAL_PRETTY
    return None


def _names_a_host(lines: Sequence[str]) -> bool:
    """Whether one word stands before the program in every line, as only a host's name does."""
    raw = [line for line in lines[:LOOKED_AT] if stamped.RAW.match(line)]
    found = [match for line in raw if (match := syslog.MONOTONIC.match(line))]
    hosts = Counter(match[3] for match in found)
    if not hosts or len(found) * 10 < len(raw) * 9 or hosts.most_common(1)[0][1] * 10 < len(raw) * 9:
        return False
    return len(raw) > 1 or found[0][4] == "kernel"


def _mostly(form: Form, lines: Sequence[str]) -> bool:
    form = Form.RAW if form is Form.MONOTONIC else form
    forms = DMESG_FORMS if form in DMESG_FORMS else {form}  # dmesg's outputs may follow each other in one file
    written = [line for line in lines[:LOOKED_AT] if line.strip() and not line[0].isspace()]
    return sum(line_form(line) in forms for line in written) * 2 >= len(written)


def _speaks_kernel(lines: Sequence[str]) -> bool:
    """Two lines of the kernel's, or all there are."""
    found = sum(KERNEL_WORDS.search(line) is not None for line in lines[:LOOKED_AT])
    return found >= 2 or 0 < found == len([line for line in lines if line.strip()])


def _is_system_log(form: Form, lines: Sequence[str]) -> bool:
    found = [match["program"] for line in lines if (match := PATTERNS[form].match(line)) and match["program"]]
    if "kernel" in found:
        return True
    programs = set(found)
    return len(programs) >= ALONE and bool(programs & HOST_DAEMONS) and not programs & CONTAINER_DAEMONS
