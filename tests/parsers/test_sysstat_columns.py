"""The names of sysstat's columns, across its versions and formats."""

from __future__ import annotations

import pytest

from diagnostics.parsers.sysstat_columns import ACTIVITIES, NAMED
from diagnostics.parsers.sysstat_headers import KEYS, activity_of, column_of, is_header


@pytest.mark.parametrize(
    ("header", "metrics"),
    [
        ("CPU %user %nice %system %iowait", "cpu.user cpu.nice cpu.system cpu.iowait"),
        (
            "CPU %usr %sys %irq %soft %steal %guest %idle",
            "cpu.user cpu.system cpu.irq cpu.soft cpu.steal cpu.guest cpu.idle",
        ),
        ("CPU total/s dropd/s blg_len", "softnet.total softnet.dropd softnet.blg_len"),
        ("CPU MHz", "frequency.mhz"),
        ("kbmemfree kbavail kbmemused", "memory.free_kb memory.available_kb memory.used_kb"),
        ("%memused %commit kbdirty kbslab", "memory.used_percent memory.commit_percent memory.dirty_kb memory.slab_kb"),
        ("kbswpfree kbswpused %swpused", "swap.free_kb swap.used_kb swap.used_percent"),
        ("pgpgin/s majflt/s fault/s", "paging.pgpgin_kb paging.major_faults paging.fault"),
        ("pgscank/s %vmeff", "paging.pgscank paging.vmeff_percent"),
        ("pswpin/s pswpout/s", "swapping.in swapping.out"),
        ("DEV tps rkB/s wkB/s", "disk.tps disk.read_kb disk.write_kb"),
        ("DEV aqu-sz await %util", "disk.queue disk.await_ms disk.util_percent"),
        ("IFACE rxpck/s txpck/s rxkB/s", "network.rx_packets network.tx_packets network.rx_kb"),
        ("IFACE rxkB/s txkB/s %ifutil", "network.rx_kb network.tx_kb network.util_percent"),
        ("IFACE rxerr/s coll/s", "network.rxerr network.coll"),
        ("runq-sz plist-sz blocked", "load.run_queue load.tasks load.blocked"),
        ("ldavg-1 ldavg-5 ldavg-15", "load.avg_1 load.avg_5 load.avg_15"),
        ("%scpu-10 %scpu", "pressure.cpu_some_10 pressure.cpu_some"),
        ("%sio %fio %fio-300", "pressure.io_some pressure.io_full pressure.io_full_300"),
        ("%smem %fmem", "pressure.memory_some pressure.memory_full"),
        ("tps rtps bread/s", "io.tps io.rtps io.bread"),
        ("call/s retrans/s", "nfs.call nfs.retrans"),
        ("atmptf/s retrans/s", "tcp.atmptf tcp.retrseg"),
        ("FILESYSTEM MBfsfree %fsused Ifree", "filesystem.free_mb filesystem.used_percent filesystem.ifree"),
        ("dentunusd file-nr", "kernel.dentunusd kernel.file_nr"),
    ],
)
def test_names(header: str, metrics: str) -> None:
    names = header.split()
    key = names[0] if names[0] in KEYS else None
    columns = names[1:] if key else names
    activity = activity_of(key, columns)
    assert [column.metric for name in columns if (column := column_of(activity, name))] == metrics.split()
    assert is_header(names)


@pytest.mark.parametrize(
    ("section", "names", "metrics"),
    [
        ("cpu-load-all", "usr sys", "cpu.user cpu.system"),
        ("memory", "memfree memused-percent swpused", "memory.free_kb memory.used_percent swap.used_kb"),
        ("disk", "util-percent aqu-sz", "disk.util_percent disk.queue"),
        ("net-dev", "rxkB ifutil-percent", "network.rx_kb network.util_percent"),
        ("psi-io", "some_avg10 full_avg", "pressure.io_some_10 pressure.io_full"),
        ("queue", "ldavg-15", "load.avg_15"),
        ("battery", "percent-capacity variation", "battery.cap_percent battery.cap_per_min"),
        ("temperature", "degC percent-temp", "temperature.degc temperature.temp_percent"),
    ],
)
def test_names_of_json(section: str, names: str, metrics: str) -> None:
    assert [NAMED[section].column(name).metric for name in names.split()] == metrics.split()


@pytest.mark.parametrize("words", ["all 1.00 2.00", "vda 9.00", "all x y z", "start of day", "-1 2"])
def test_no_headers(words: str) -> None:
    assert not is_header(words.split())


def test_no_two_columns_of_a_section_in_one_format_have_one_name() -> None:
    for name, activity in ACTIVITIES.items():
        metrics = [column.metric for column in activity.columns.values()]
        # Names of text and JSON, and sectors beside kB, share a metric; no third column does by accident.
        assert max(metrics.count(metric) for metric in metrics) <= 4, name
