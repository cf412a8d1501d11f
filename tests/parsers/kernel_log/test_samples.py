"""Every collected kernel log, beside the facts that were noted when it was collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from diagnostics.parsers import sniff
from diagnostics.parsers.kernel_log import recognise
from diagnostics.records import Category, Clock, Kind, Parsed
from tests.parsers.kernel_log.reading import RECEIVED, SECOND, of_category, read
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

pytestmark = here_only

OURS = [f"{folder}/{name}" for folder in ("dmesg", "oom") for name in names(folder)]
FOLDERS = ("container-logs", "df", "importtime", "k8s", "net", "sadf", "sar", "systemd", "traces")
OTHERS = [f"{folder}/{name}" for folder in FOLDERS for name in names(folder)]
FACTS = {name: expected(name) for name in OURS}
# What `journalctl --header` prints has no messages.
MESSAGES = [name for name in OURS if "journalctl_header" not in name]


@pytest.mark.parametrize("name", OURS)
def test_a_kernel_log_is_recognised(name: str) -> None:
    assert sniff((SAMPLES / name).read_bytes()) is Kind.KERNEL_LOG


@pytest.mark.parametrize("name", OTHERS)
def test_no_other_file_is_taken_for_one(name: str) -> None:
    assert not recognise((SAMPLES / name).read_bytes()[:65_536])


def test_there_are_samples_of_both() -> None:
    assert len(OURS) >= 40
    assert len(OTHERS) >= 150


@pytest.mark.parametrize("name", MESSAGES)
def test_the_noted_facts_are_read(name: str) -> None:
    known, parsed = FACTS[name], read((SAMPLES / name).read_bytes())
    assert parsed.lines.total == known.get("entries", known["lines"])
    assert parsed.lines.skipped == 0
    assert parsed.facts.get("kernel") == known.get("kernel")
    assert _kills(parsed) == known.get("killed", [])
    assert _constraints(parsed) == known.get("constraints", [])
    assert sum(event.text.strip().startswith("Call Trace:") for event in parsed.events) == known["call_traces"]
    assert bool(of_category(parsed, Category.HUNG_TASK)) == known.get("hung_task", False)
    assert [event.line for event in parsed.events] == sorted(event.line or 0 for event in parsed.events)


@pytest.mark.parametrize(
    "name", [name for name in MESSAGES if "io_errors" in FACTS[name] or "segfaults" in FACTS[name]]
)
def test_trouble_is_read(name: str) -> None:
    known, parsed = FACTS[name], read((SAMPLES / name).read_bytes())
    (error,) = of_category(parsed, Category.IO_ERROR)
    told = known["io_error_first"]
    assert (error.fields["device"], error.fields["sector"]) == (told["dev"], told["sector_or_block"])
    assert error.fields["operation"] == "read"
    (fault,) = of_category(parsed, Category.SEGFAULT)
    # The collector's pattern took what stands before the name in JSON for part of it.
    assert [_bare(fault.fields["task"]), fault.fields["pid"]] == [_bare(known["segfaults"][0][0]), 8519]
    assert (fault.fields["address"], fault.fields["library"]) == ("10", "crashy_worker")


@pytest.mark.parametrize("name", [name for name in MESSAGES if "first_rel_s" in FACTS[name]])
def test_seconds_since_boot_are_read(name: str) -> None:
    parsed = read((SAMPLES / name).read_bytes())
    times = {event.time for event in parsed.events}
    assert {round(FACTS[name][key] * 1e6) * 1000 for key in ("first_rel_s", "last_rel_s")} <= times
    assert parsed.facts["clock"] == "boot"
    assert {event.clock for event in parsed.events} == {Clock.MONOTONIC}


def test_calendar_stamps_are_read() -> None:
    known, parsed = FACTS["dmesg/rec-dmesg-T.txt"], read((SAMPLES / "dmesg/rec-dmesg-T.txt").read_bytes())
    for stamp, event in ((known["first_wall"], parsed.events[0]), (known["last_wall"], parsed.events[-1])):
        moment = datetime.strptime(stamp, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        assert event.time == int(moment.timestamp()) * SECOND
        assert event.precision == SECOND


def test_the_journal_places_the_kill_in_its_true_second() -> None:
    """The wall clock was noted before and after the kill, which journald read only later."""
    parsed = read((SAMPLES / "dmesg/rec-journalctl-jk.json").read_bytes())
    (kill,) = of_category(parsed, Category.OOM_KILL)
    true = datetime(2026, 11, 23, 11, 24, 26, tzinfo=UTC)
    assert abs(kill.time - int(true.timestamp()) * SECOND) <= SECOND
    assert (kill.time, kill.precision, kill.clock) == (1_795_433_065_984_210_000, 1_000, Clock.MONOTONIC)


def test_a_year_that_nobody_wrote_follows_from_the_upload_or_its_hint() -> None:
    content = (SAMPLES / "dmesg/loghub-Linux_2k.log").read_bytes()
    told, guessed = read(content, year=2005), read(content)
    assert _day(told.events[0].time) == datetime(2005, 6, 14, 15, 16, 1, tzinfo=UTC)
    assert _day(guessed.events[-1].time) == datetime(2026, 7, 27, 14, 42, tzinfo=UTC)
    assert guessed.events[-1].time < RECEIVED
    assert (told.facts["host"], told.facts["boots"]) == ("combo", 2)


def _kills(parsed: Parsed) -> Sequence[Mapping[str, Any]]:
    kept = ("pid", "total_vm_kb", "anon_rss_kb", "file_rss_kb", "shmem_rss_kb", "scope")
    kills = [event.fields for event in of_category(parsed, Category.OOM_KILL)]
    return [{"name": kill["victim"], **{key: kill[key] for key in kept}} for kill in kills]


def _constraints(parsed: Parsed) -> Sequence[str]:
    kills = of_category(parsed, Category.OOM_KILL)
    return [event.fields["constraint"] for event in kills if "constraint" in event.fields]


def _bare(name: str) -> str:
    return name.rpartition('"')[2]


def _day(time: int) -> datetime:
    return datetime.fromtimestamp(time // SECOND, UTC)
