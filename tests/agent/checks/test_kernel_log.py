from __future__ import annotations

import pytest

from diagnostics.agent import kernel
from diagnostics.agent.checks import GOOD, UNKNOWN
from diagnostics.agent.checks.kernel_log import judge, kernel_log

IO = "<3>[ 3853.936756] I/O error, dev loop0, sector 5120 op 0x0:(READ) flags 0x800 phys_seg 11 prio class 2"
OLD_IO = "<3>[   12.000000] blk_update_request: I/O error, dev sda, sector 2048 op 0x0:(READ) flags 0x0"
OOM = "<3>[ 3894.544857] Memory cgroup out of memory: Killed process 8693 (model_loader) total-vm:84716kB"
OLD_OOM = "<3>[1.000000] Out of memory: Kill process 6576 (mysqld) score 651 or sacrifice child"
OLD_KILLED = "<3>[1.000001] Killed process 6576 (mysqld) total-vm:1kB, anon-rss:1kB, file-rss:0kB"
REAPED = "<6>[1.000002] oom_reaper: reaped process 6576 (mysqld), now anon-rss:0kB"
EXT4 = "<2>[9.0] EXT4-fs error (device vda): ext4_lookup:1855: inode #2: comm ls: iget: checksum invalid"
HUNG = "<3>[9.0] INFO: task python3:4211 blocked for more than 120 seconds."
XID = "<3>[9.0] NVRM: Xid (PCI:0000:17:00): 79, pid=1234, GPU has fallen off the bus."
HARMLESS = [
    "<6>[0.568594] Write protecting the kernel read-only data: 32768k",
    "<6>[1.384385] EXT4-fs (vda): mounted filesystem r/w with ordered data mode. Quota mode: none.",
    "<6>[1.0] nvme nvme0: 8/0/0 default/read/poll queues",
]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([IO], {"kernel-io-error": 1}),
        ([IO, OLD_IO], {"kernel-io-error": 2}),
        ([OOM], {"kernel-oom": 1}),
        ([OLD_OOM, OLD_KILLED, REAPED], {"kernel-oom": 1}),
        ([EXT4, HUNG, XID], {"kernel-file-system": 1, "kernel-hung-task": 1, "kernel-gpu": 1}),
        (HARMLESS, {}),
    ],
)
def test_one_event_one_line(lines: list[str], found: dict[str, int]) -> None:
    assert {check.name: check.actual for check in judge(lines, "1 h")} == found


def test_the_newest_lines_are_the_evidence() -> None:
    lines = [IO.replace("5120", str(number)) for number in range(9)]
    (check,) = judge(lines, "1 h")
    assert list(check.evidence) == lines[-5:]


def test_this_host_answers_or_says_why_not() -> None:
    assert kernel_log(1.0)[0].state in (GOOD, UNKNOWN, "failed", "warning")


def test_a_host_that_keeps_its_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "messages", lambda since, until: kernel.KernelLog("", 0, 0, "/dev/kmsg: not permitted"))
    (check,) = kernel_log(60)
    assert (check.state, "not permitted" in check.message) == (UNKNOWN, True)
