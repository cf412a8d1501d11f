"""systemd-analyze in all its forms; the drawn plot and the printed times of one boot must agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers import Hints, Source, collect, sniff
from diagnostics.parsers.systemd_analyze import parse
from diagnostics.parsers.systemd_analyze.timespans import duration
from diagnostics.records import Kind, Parsed, ParseError
from tests.parsers.shared_samples import SAMPLES, expected, here_only
from tests.parsers.test_golden_launch_logs import DATA

RECEIVED = 1_795_500_000_000_000_000
MS = 10**6


def read(content: str | Path, boot_time: int | None = None) -> Parsed:
    data = content.read_bytes() if isinstance(content, Path) else content.encode()
    return collect(parse(Source.of(data), Hints(RECEIVED, boot_time=boot_time)))


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("3.294s", 3294 * MS), ("419ms", 419 * MS), ("86us", 86_000), ("86µs", 86_000), ("1min 2.345s", 62_345 * MS),
        ("1h 2min 3s", 3_723_000 * MS), ("2d 1h", 176_400_000 * MS), ("1w", 604_800_000 * MS), ("0", 0),
        ("1y 1month", (31_557_600 + 2_629_800) * 1000 * MS), ("2s 500ms", 2500 * MS), ("12", None), ("", None),
        ("3 apples", None), ("infinity", None),
    ],
)  # fmt: skip
def test_durations(text: str, ns: int | None) -> None:
    assert duration(text) == ns


@given(st.integers(0, 10**12))
def test_a_duration_is_read_as_it_is_written(milliseconds: int) -> None:
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    assert duration(f"{hours}h {minutes}min {rest // 1000}.{rest % 1000:03}s") == milliseconds * MS


@here_only
def test_time_of_a_whole_boot() -> None:
    known = expected("systemd/shape-time-full-uefi.txt")
    found = read(SAMPLES / "systemd" / "shape-time-full-uefi.txt")
    for stage in ("firmware", "loader", "kernel", "initrd", "userspace"):
        assert found.facts["startup_ns"][stage] == round(known[f"{stage}_s"] * 1000) * MS
    assert found.facts["total_ns"] == round(known["total_s"] * 1000) * MS
    assert found.facts["reached_ns"] == {"graphical.target": 1204 * MS}
    # The kernel's start is the boot clock's zero; the stages follow each other without a gap.
    assert [phase.start_time for phase in found.phases if phase.name == "kernel"] == [0]
    assert all(one.end_time == other.start_time for one, other in zip(found.phases, found.phases[1:], strict=False))
    assert found.facts["clock"] == "boot"


@here_only
def test_blame_has_durations_and_no_phases() -> None:
    known, found = expected("systemd/rec-blame.txt"), read(SAMPLES / "systemd" / "rec-blame.txt")
    assert found.facts["blame_rows"] == known["blame_rows"]
    units = found.facts["units"]
    assert units[0] == {"unit": known["first"][1], "took_ns": duration(known["first"][0])}
    assert units[-1] == {"unit": known["last"][1], "took_ns": duration(known["last"][0])}
    assert (found.phases, found.lines.skipped) == ([], 0)


@here_only
def test_a_boot_that_was_not_finished_is_said_to_be() -> None:
    with pytest.raises(ParseError) as caught:
        read(SAMPLES / "systemd" / "rec-not-finished-blame.txt")
    assert (caught.value.code, "not yet finished" in caught.value.message) == ("boot_not_finished", True)


@here_only
def test_a_dump_tells_what_took_seconds_and_what_failed() -> None:
    path = SAMPLES / "systemd" / "rec-dump.txt"
    found = read(path)
    assert found.lines.total == expected("systemd/rec-dump.txt")["lines"]
    took = {phase.name: phase.duration // 10**9 for phase in found.phases}
    # blame has 3.294 s for it: whole seconds around it are 3 or 4.
    assert took["load-model.service"] in (3, 4)
    assert found.facts["failed_units"] == ["broken.service"]
    (event,) = found.events
    assert event.line is not None
    assert path.read_text().splitlines()[event.line - 1] == "-> Unit broken.service:"


def test_a_chain_waits_for_what_is_printed_under_it() -> None:
    found = read(DATA / "systemd-analyze" / "shape-all-in-one.txt")
    named = {phase.name: phase for phase in found.phases}
    waits = {phase.name: [found.phases[other].name for other in phase.depends_on] for phase in found.phases}
    assert waits["inference.service"] == ["load-model.service", "systemd-networkd.service"]
    assert waits["load-model.service"] == ["systemd-journald.service"]
    # "@" counts from userspace, which begins when kernel and initrd are done.
    assert named["load-model.service"].start_time == (1022 + 1533 + 390) * MS
    assert named["load-model.service"].duration == 61_294 * MS
    assert found.lines.skipped == 0


def test_a_chain_alone_has_no_zero_that_could_be_placed() -> None:
    found = read("multi-user.target @4.108s\n└─a.service @3.689s +419ms\n")
    assert (found.facts["clock"], found.phases[0].start_time) == ("relative", 3689 * MS)
    assert read("a.service +419ms\n└─b.service @1s +2s\n").phases[0].name == "b.service"


def test_a_drawn_plot_says_what_is_printed_beside_it() -> None:
    drawn, listed = (
        read(DATA / "systemd-analyze" / "shape-plot.svg"),
        read(DATA / "systemd-analyze" / "shape-plot.json"),
    )
    named = {phase.name: phase for phase in drawn.phases}
    for phase in listed.phases:
        assert (named[phase.name].start_time, named[phase.name].duration) == (phase.start_time, phase.duration)
    table = read(DATA / "systemd-analyze" / "shape-plot-table.txt")
    assert [(p.name, p.start_time, p.duration) for p in table.phases] == [
        (p.name, p.start_time, p.duration) for p in listed.phases
    ]
    assert named["firmware"].start_time == -5975 * MS
    assert named["warm-cache.service"].attributes == {"open": True}
    assert drawn.host is not None
    assert (drawn.host.name, drawn.facts["kernel"]) == ("gpu-07", "6.18.44")
    assert not {"Active", "Activating", "Generators"} & set(named)


def test_a_stretched_plot_is_read_by_its_own_scale() -> None:
    plain = (DATA / "systemd-analyze" / "shape-plot.svg").read_text()

    def stretched(match: re.Match[str]) -> str:
        return f'{match[1]}="{float(match[2]) * 2.5:.3f}"'

    wide = "\n".join(
        re.sub(r'\b(x|width|x1|x2)="(-?\d+\.\d+)"', stretched, line)
        if "<rect" in line or 'class="sec"' in line
        else line
        for line in plain.splitlines()
    )
    assert wide != plain
    assert [(p.name, p.start_time, p.duration) for p in read(wide).phases] == [
        (p.name, p.start_time, p.duration) for p in read(plain).phases
    ]


def test_a_boot_time_places_the_boot() -> None:
    boot = 1_764_000_000 * 10**9
    found = read("Startup finished in 1s (kernel) + 2s (userspace) = 3s\n", boot)
    assert [(phase.name, phase.start_time - boot) for phase in found.phases] == [("kernel", 0), ("userspace", 10**9)]
    assert found.facts["clock"] == "wall"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("System has not been booted with systemd as init system (PID 1). Can't operate.\n", "no_systemd"),
        ("hello\n", "no_boot_times"),
        ('[{"name": "a.service", "activating": \n', "invalid_json"),
        ("Manager: systemd 252\nTimestamp userspace: Mon 2026-11-23 11:38:43 UTC\n", "no_units"),
        ("<svg><!-- systemd-analyze --></svg>", "no_boot_times"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(text: str, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "content",
    [
        "Startup finished in 1234ms (kernel) + 5678ms (userspace) = 6912ms\n",
        "Bootup is not yet finished (org.freedesktop.systemd1.Manager.FinishTimestampMonotonic=0).\n",
        "         1min 2.345s a.service\n          86us b.mount\n",
        "\x1b[0;1;31mgraphical.target @4.108s\x1b[0m\n└─\x1b[0;1;31ma.service @1s +419ms\x1b[0m\n",
        "NAME ACTIVATED ACTIVATING TIME DEACTIVATED DEACTIVATING\na.service 1s 1s 0 2s 2s\n",
        '[\n {\n  "name" : "a.service",\n  "activated" : 2,\n  "activating" : 1,\n  "time" : 1\n }\n]\n',
        '[{"time":3294000,"unit":"a.service"}]',
    ],
)
def test_forms_that_are_recognised(content: str) -> None:
    assert sniff(content.encode()) == Kind.SYSTEMD_ANALYZE


@pytest.mark.parametrize(
    "content", ["<svg></svg>", '[{"name": "a"}]', "3.294s to load a.service today\n", "a.service\n"]
)
def test_forms_of_others(content: str) -> None:
    assert sniff(content.encode()) is None


@given(st.data())
def test_any_part_of_any_file_reads_or_is_refused(data: st.DataObject) -> None:
    files = sorted(path for path in (DATA / "systemd-analyze").iterdir() if not path.name.endswith(".expected.json"))
    content = data.draw(st.sampled_from(files)).read_bytes()
    start = data.draw(st.integers(0, len(content)))
    try:
        found = collect(parse(Source.of(content[start : start + data.draw(st.integers(0, 3_000))]), Hints(RECEIVED)))
    except ParseError:
        return
    assert all(phase.duration >= 0 for phase in found.phases)
    assert [phase.position for phase in found.phases] == list(range(len(found.phases)))
    assert all(other < len(found.phases) for phase in found.phases for other in phase.depends_on)


def test_a_unit_that_was_never_active_has_no_place_in_time() -> None:
    text = (
        "multi-user.target @9.699s\n"
        "└─snapd.service @7.104s +2.594s\n"
        "  └─dev-disk-by\\x2duuid-12.device @584542y 2w 2d 20h 1min 49.551s +16.459s\n"
    )
    found = read(text)
    assert [(phase.name, phase.duration) for phase in found.phases] == [("snapd.service", 2_594_000_000)]
    assert "at_ns" not in found.facts["critical_chain"][2]


def test_the_total_of_the_journals_sentence() -> None:
    found = read("Startup finished in 3.123s (kernel) + 25.011s (userspace) = 28.135s.\n")
    assert found.facts["total_ns"] == 28_135_000_000
