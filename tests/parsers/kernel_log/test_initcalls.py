"""Initcalls as phases: what `initcall_debug` makes the kernel say."""

from __future__ import annotations

from diagnostics.records import Category, PhaseStatus
from tests.parsers.kernel_log.reading import SECOND, of_category, read

LOG = """\
[    1.000000] calling  acpi_init+0x0/0x460 @ 1
[    1.100000] calling  nvme_init+0x0/0x1000 [nvme] @ 234
[    1.250000] initcall nvme_init+0x0/0x1000 [nvme] returned 0 after 149990 usecs
[    1.300000] initcall acpi_init+0x0/0x460 returned -12 after 299000 usecs
[    2.000000] initcall absent_init+0x0/0x10 returned -19 after 500 usecs
[    3.000000] probe of 0000:00:1f.2 returned 1 after 42 usecs
[    4.000000] initcall 0xffffffff81: old_init+0x0/0x20 returned 0 after 12 msecs
[    5.000000] usb: probe of a device went well
"""


def test_every_return_is_a_phase() -> None:
    parsed = read(LOG, boot_time=100 * SECOND)
    told = [(phase.name, phase.start_time - 100 * SECOND, phase.duration) for phase in parsed.phases]
    assert told == [
        ("initcall nvme_init", 1_100_000_000, 149_990_000),
        ("initcall acpi_init", 1_000_000_000, 299_000_000),
        ("initcall absent_init", 1_999_500_000, 500_000),
        ("probe 0000:00:1f.2", 2_999_958_000, 42_000),
        ("initcall old_init", 3_988_000_000, 12_000_000),
    ]
    assert [phase.position for phase in parsed.phases] == [0, 1, 2, 3, 4]
    assert [phase.name for phase in parsed.phases if phase.status is PhaseStatus.FAILED] == ["initcall acpi_init"]
    assert parsed.phases[0].attributes == {"result": 0, "module": "nvme", "pid": 234, "line": 3}


def test_every_line_is_an_event() -> None:
    parsed = read(LOG)
    assert len(parsed.events) == 8
    assert [event.line for event in of_category(parsed, Category.INITCALL)] == [1, 2, 3, 4, 5, 6, 7]
    assert parsed.events[2].fields["duration_ns"] == 149_990_000
