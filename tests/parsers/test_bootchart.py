"""A boot chart's tar: processes in their parents, CPU and disks between two looks, and what is cut or broken."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers import Hints, Source, bootchart, collect, sniff
from diagnostics.records import Kind, Parsed, ParseError

RECEIVED = 1_795_500_000_000_000_000
TICK = 10_000_000


def stat(pid: int, name: str, parent: int, start: int, ticks: int = 0) -> str:
    return f"{pid} ({name}) S {parent} {pid} {pid} 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 1 0 {start} 1000 10 1 1\n"


def archive(**files: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            about = tarfile.TarInfo(f"./{name}.log" if name != "header" else name)
            about.size = len(content.encode())
            tar.addfile(about, io.BytesIO(content.encode()))
    return out.getvalue()


def read(content: bytes, boot_time: int | None = RECEIVED - 10**12) -> Parsed:
    return collect(bootchart.parse(Source.of(content), Hints(RECEIVED, boot_time=boot_time)))


def test_a_number_that_is_given_again_is_another_process() -> None:
    ps = (
        f"100\n{stat(1, 'init', 0, 1)}{stat(9, 'a', 1, 50)}\n200\n{stat(1, 'init', 0, 1)}{stat(9, 'b (x) y', 1, 150)}\n"
    )
    parsed = read(archive(proc_ps=ps))
    boot = RECEIVED - 10**12
    told = [(p.name, (p.start_time - boot) // TICK, p.duration // TICK, p.parent) for p in parsed.phases]
    assert told == [("init", 1, 199, None), ("a", 50, 50, 0), ("b (x) y", 150, 50, 0)]
    assert [phase.attributes.get("open", False) for phase in parsed.phases] == [True, False, True]
    assert parsed.facts["clock"] == "wall"


def test_a_boot_of_which_nobody_knows_when_it_was_ends_when_it_came() -> None:
    parsed = read(archive(proc_ps=f"100\n{stat(1, 'init', 0, 1)}"), None)
    assert (parsed.facts["clock"], parsed.phases[0].end_time) == ("received", RECEIVED)


def test_packed_or_not_it_is_recognised() -> None:
    content = archive(header="title = Boot chart for a (x)", proc_ps=f"100\n{stat(1, 'init', 0, 1)}")
    assert sniff(content) == sniff(gzip.compress(content)) == Kind.BOOTCHART
    parsed = read(gzip.compress(content))
    assert parsed.host is not None
    assert parsed.host.name == "a"
    assert sniff(archive(other="x")) is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"nothing", "invalid_archive"),
        (archive(header="version = 1"), "no_processes"),
        (archive(proc_ps="100\n2 (kthreadd) S 0\n"), "no_processes"),
        (archive(proc_ps="x\n" + stat(1, "init", 0, 1)), "no_processes"),
    ],
)
def test_without_processes_it_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(ParseError) as error:
        read(content)
    assert error.value.code == code


def test_of_a_cut_archive_what_was_read() -> None:
    ps = "".join(f"{n}00\n{stat(1, 'init', 0, 1)}\n" for n in range(1, 400))
    content = archive(proc_ps=ps, proc_stat="100\ncpu  1 1 1 1 1\n")
    parsed = read(content[: len(content) // 2])
    assert parsed.facts["truncated"] is True
    assert len(parsed.phases) == 1


def test_counters_that_were_set_back_and_old_kernels() -> None:
    usage = "100\ncpu  9 0 0 9 0\n\n200\ncpu  1 0 0 1 0\n\n300\ncpu  2 0 0 4 0\n\n300\ncpu  x\n"
    disks = "100\n 8 0 sda 1 0 8 1 1 0 8 1 0 1 1\n 8 1 sda1 1 1 1 1\n\n200\n 8 0 sda 1 0 2056 1 1 0 8 1 0 501 1\n"
    parsed = read(archive(proc_ps=f"100\n{stat(1, 'init', 0, 1)}", proc_stat=usage, proc_diskstats=disks))
    told = {(one.metric, one.instance): one.values for one in parsed.samples}
    assert told["cpu.user", "all"] == [25.0]
    assert (told["disk.read_kb", "sda"], told["disk.util_percent", "sda"]) == ([1024.0], [50.0])
    assert parsed.lines.skipped == 1


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 8), st.integers(0, 90)), min_size=1, max_size=20))
def test_every_process_is_a_phase_and_circles_are_opened(told: list[tuple[int, int, int]]) -> None:
    ps = "100\n" + "".join(stat(pid + 10, f"p{pid}", parent + 10, start) for pid, parent, start in told)
    parsed = read(archive(proc_ps=ps))
    assert len(parsed.phases) == len({(pid, start) for pid, _, start in told})
    for position, phase in enumerate(parsed.phases):
        at, steps = phase.parent, 0
        while at is not None:
            assert at != position
            at, steps = parsed.phases[at].parent, steps + 1
            assert steps < 30
