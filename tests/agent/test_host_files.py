"""What is read of /proc and the control groups: of small trees written as kernels write them, and of this host."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.agent import host_counters, kernel, page_cache, process_tree, waiting
from diagnostics.agent.cgroup import ControlGroup
from diagnostics.agent.host_samples import HostSamples, _rates
from tests.conftest import wait_until


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    return tmp_path / "proc"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_nothing_readable_is_nothing_said(proc: Path) -> None:
    assert host_counters.cpu_ticks(proc) == {}
    assert host_counters.memory(proc) == {}
    assert host_counters.disks(proc) == {}
    assert ControlGroup(1, proc).counters() == {}
    assert process_tree.read(1, proc) is None
    samples = HostSamples(1.0, proc)
    samples.sample()
    samples.sample()
    assert samples.document("x", {"name": "h"})["series"] == []


def test_disks_are_whole_and_real(proc: Path) -> None:
    row = "{} {} 100 0 2000 50 10 0 400 5 0 70 900 0 0 0 0"
    names = [(8, "sda"), (8, "sda1"), (259, "nvme0n1"), (259, "nvme0n1p2"), (7, "loop0"), (253, "dm-0")]
    write(proc, {"diskstats": "\n".join(row.format(f"{major} 0", name) for major, name in names)})
    assert host_counters.disks(proc) == {
        name: [100, 2000, 50, 10, 400, 5, 70, 900] for name in ("sda", "nvme0n1", "dm-0")
    }


def test_memory_counts_as_sar_does(proc: Path) -> None:
    rows = {"MemTotal": 1000, "MemFree": 100, "MemAvailable": 600, "Buffers": 50, "Cached": 400, "SReclaimable": 50,
            "Committed_AS": 600, "SwapTotal": 200, "SwapFree": 150, "Dirty": 7}  # fmt: skip
    write(proc, {"meminfo": "".join(f"{name}: {value} kB\n" for name, value in rows.items())})
    found = host_counters.memory(proc)
    assert (found["memory.used_kb"], found["memory.used_percent"], found["memory.commit_percent"]) == (400, 40.0, 50.0)
    assert (found["swap.used_kb"], found["swap.used_percent"], found["memory.dirty_kb"]) == (50, 25.0, 7)


def test_interfaces_without_loopback_and_with_old_spacing(proc: Path) -> None:
    row = " 10 2 0 0 0 0 0 0 30 4 0 0 0 0 0 0"
    write(proc, {"net/dev": f"Inter-|\n face |\n    lo:{row}\n  eth0:{row}\n  eth1:10{row[3:]}\n"})
    assert host_counters.interfaces(proc) == {"eth0": [10, 2, 30, 4], "eth1": [10, 2, 30, 4]}


def test_rates_are_per_second_and_cpu_is_a_share() -> None:
    before = {("ticks.user", ""): 100.0, ("ticks.idle", ""): 100.0, ("disk.tps", "sda"): 10.0, ("wait_ms", "sda"): 0.0}
    now = {("ticks.user", ""): 130.0, ("ticks.idle", ""): 170.0, ("disk.tps", "sda"): 50.0, ("wait_ms", "sda"): 200.0}
    rates = _rates(now, before, 2.0)
    assert rates["cpu.user", "all"] == 30.0
    assert rates["disk.tps", "sda"] == 20.0
    assert rates["disk.await_ms", "sda"] == 5.0


def test_a_sum_that_falls_gives_no_rate() -> None:
    key = ("process.cpu_percent", "launch")
    assert key not in _rates({key: 5.0}, {key: 9.0}, 1.0)


@pytest.mark.parametrize("version", ["v2", "v2 in a container", "v1"])
def test_control_groups(tmp_path: Path, version: str) -> None:
    proc, mount = tmp_path / "proc", tmp_path / "cg"
    inside = mount if version == "v2 in a container" else mount / "a" / "b"
    v2 = {"cpu.stat": "usage_usec 500\nnr_throttled 3\nthrottled_usec 40\n", "memory.current": "4096\n",
          "memory.max": "max\n", "cpu.max": "max 100000\n", "memory.events": "oom 0\noom_kill 2\n"}  # fmt: skip
    v1 = {"cpu.stat": "nr_throttled 3\nthrottled_time 40000\n", "cpuacct.usage": "500000\n",
          "memory.usage_in_bytes": "4096\n", "memory.limit_in_bytes": "9223372036854771712\n",
          "cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}  # fmt: skip
    write(inside, {**(v1 if version == "v1" else v2), "cgroup.procs": ""})
    outer = {"cpu.cfs_quota_us": "150000\n", "cpu.cfs_period_us": "100000\n", "memory.limit_in_bytes": "1048576\n"}
    if version == "v1":
        write(mount / "a", {**outer, "cgroup.procs": ""})
        mounts = f"cgroup {mount} cgroup rw,cpu,cpuacct,memory 0 0\n"
        write(proc, {"7/cgroup": "4:cpu,cpuacct:/a/b\n3:memory:/a/b\n0::/\n", "self/mounts": mounts})
    else:
        if version == "v2":
            write(mount / "a", {"cpu.max": "150000 100000\n", "memory.max": "1048576\n", "cgroup.procs": ""})
        write(proc, {"7/cgroup": "0::/a/b\n", "self/mounts": f"cgroup2 {mount} cgroup2 rw 0 0\n"})
    group = ControlGroup(7, proc)
    kills = {} if version == "v1" else {"oom_kills": 2}
    assert group.counters() == {"cpu_us": 500, "throttled_us": 40, "throttled_periods": 3, **kills}
    assert group.memory_bytes() == 4096
    limits = {} if version == "v2 in a container" else {"cpus": 1.5, "memory_bytes": 1048576}
    assert group.limits() == limits


def test_this_host_is_sampled_with_the_contracts_names() -> None:
    samples = HostSamples(0.1)
    samples.watch(os.getpid())
    samples.sample()
    sum(range(2_000_000))
    samples.sample()
    document = samples.document("id", {"name": "here"})
    found = {series["metric"]: series["values"] for series in document["series"]}
    wanted = {"cpu.user", "cpu.system", "cpu.iowait", "cpu.steal", "cpu.idle", "memory.available_kb", "load.run_queue",
              "memory.used_percent", "paging.major_faults", "process.cpu_percent", "process.rss_kb"}  # fmt: skip
    assert wanted <= set(found)
    assert {len(values) for values in found.values()} == {len(document["times"])} == {1}
    assert found["process.rss_kb"][0] > 1000
    total = sum(values[0] for metric, values in found.items() if metric.startswith("cpu."))
    assert total == pytest.approx(100, abs=0.1)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    child = "import time;time.sleep(60)"
    program = f"import subprocess,sys; subprocess.Popen([sys.executable,'-c',{child!r}]).wait()"
    process = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)

    def asleep() -> bool:
        # A child just forked shows its parent's memory and program, and next to none when its own begins.
        tree = process_tree.descendants(process.pid)
        programs = [process_tree.command_line(pid)[-1:] for pid in tree]
        sizes = [found.rss_kb for pid in tree if (found := process_tree.read(pid))]
        return programs == [[program], [child]] and min(sizes) > 1000

    wait_until(asleep, "both processes")
    yield process
    os.killpg(process.pid, 9)
    process.wait()


def test_a_launch_is_all_of_its_processes(sleeper: subprocess.Popen[bytes]) -> None:
    tree = process_tree.descendants(sleeper.pid)
    assert len(tree) == 2
    assert all((found := process_tree.read(pid)) and found.rss_kb > 1000 for pid in tree)


def test_what_a_process_waits_for(sleeper: subprocess.Popen[bytes]) -> None:
    found = waiting.inspect(sleeper.pid)
    assert [process.pid for process in found] == process_tree.descendants(sleeper.pid)
    assert "sleeps" in waiting.headline(found) or "computing" in waiting.headline(found)


def test_sockets_of_a_process(proc: Path) -> None:
    mine = (
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1\n"
        "   1: 0A00000A:9C40 0300F40A:A089 02 00000001:00000000 01:00000000 00000001     0        0 12 1\n"
        "   2: 0A00000A:9C41 0300F40A:1538 01 00000000:00000005 00:00000000 00000000     0        0 13 1\n"
    )
    stat = "5 (py (x) y) S 1 5 5 0 -1 0 0 0 9 0 1 1 0 0 20 0 3 0 100 1000 50 0"
    write(proc, {"5/stat": stat, "5/net/tcp": mine, "5/wchan": "do_poll", "5/task/5/children": ""})
    (proc / "5" / "fd").mkdir()
    for number, inode in enumerate((11, 12)):
        (proc / "5" / "fd" / str(number)).symlink_to(f"socket:[{inode}]")
    (process,) = waiting.inspect(5, proc)
    assert process.name == "py (x) y"
    assert [(s.state, s.peer) for s in process.sockets] == [
        ("listening on", "127.0.0.1:8080"),
        ("connecting to", "10.244.0.3:41097"),
    ]
    assert waiting.headline([process]) == "py (x) y (5) is connecting to 10.244.0.3:41097 and gets no answer"
    assert waiting.listening(8080, 5, proc) is True
    assert waiting.listening(8081, 5, proc) is False


def test_a_port_is_seen_without_connecting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert waiting.listening(port) is True
    assert waiting.listening(port) is False


def test_the_page_cache_is_asked_both_ways(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    file.write_bytes(os.urandom(300_000))
    assert page_cache.measure([file]) == page_cache.CachedFiles(1, 300_000, 300_000)
    with file.open("rb") as handle:
        assert page_cache._mincore(handle.fileno(), 300_000) == 300_000
    assert page_cache.measure([tmp_path / "none"]).files == 0


def test_files_of_a_command(tmp_path: Path) -> None:
    model = tmp_path / "model"
    write(model, {"a.safetensors": "x", "b.gguf": "x", "notes.txt": "x"})
    write(tmp_path, {"app.py": "x"})
    command = [sys.executable, str(tmp_path / "app.py"), f"--model={model}", "--port", "8000"]
    found = [path.name for path in page_cache.files_of(command)]
    assert found == [Path(sys.executable).resolve().name, "app.py", "a.safetensors", "b.gguf"]


def test_kernel_messages_of_an_interval(tmp_path: Path) -> None:
    boot = kernel.boot_time()
    kmsg = tmp_path / "kmsg"
    # A file gives all records at once; a real /dev/kmsg one at each read.
    kmsg.write_text("6,1,5000000,-;too early\n")
    assert kernel.messages(boot + 6 * 10**9, boot + 9 * 10**9, kmsg).lines == 0
    kmsg.write_text("3,339,7140900,-;I/O error, dev sda\n SUBSYSTEM=block\n")
    found = kernel.messages(boot + 6 * 10**9, boot + 9 * 10**9, kmsg)
    assert (found.text, found.lines, found.reason) == ("<3>[    7.140900] I/O error, dev sda\n", 1, "")
    assert abs(found.boot_time - boot) < 10**9


def test_cpu_time_accounted_in_a_hierarchy_of_its_own(tmp_path: Path) -> None:
    proc, cpu, accounting = tmp_path / "proc", tmp_path / "cpu", tmp_path / "cpuacct"
    write(cpu, {"a/cpu.stat": "nr_throttled 3\nthrottled_time 40000\n"})
    mounts = f"cgroup {cpu} cgroup rw,cpu 0 0\n"
    write(proc, {"7/cgroup": "4:cpu:/a\n3:cpuacct:/a\n", "self/mounts": mounts})
    assert ControlGroup(7, proc).counters() == {"throttled_us": 40, "throttled_periods": 3}  # not: no CPU time at all

    write(accounting, {"a/cpuacct.usage": "700000\n"})
    write(proc, {"self/mounts": f"{mounts}cgroup {accounting} cgroup rw,cpuacct 0 0\n"})
    assert ControlGroup(7, proc).counters()["cpu_us"] == 700
