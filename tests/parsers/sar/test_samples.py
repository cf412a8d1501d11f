"""Every collected report as it is known to be."""

from __future__ import annotations

import itertools
import statistics
from typing import Any

import pytest

from diagnostics.parsers import Hints, Source, collect, sadf, sar
from diagnostics.parsers.sar.stamps import in_digits, read_stamp
from diagnostics.records import NS_PER_SECOND, Parsed, ParseError
from tests.parsers.sar.reports import RECEIVED, parse, series
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

TEXTS = [name for name in names("sar") if not name.endswith(".sa") and "hpux" not in name]
SECONDS_PER_DAY = 86_400


def read(name: str) -> Parsed:
    return parse((SAMPLES / "sar" / name).read_bytes())


def seconds_of(written: str) -> int:
    found = read_stamp(in_digits(written))
    assert found is not None
    return found.seconds


@here_only
@pytest.mark.parametrize("name", TEXTS)
def test_what_the_report_says_of_itself(name: str) -> None:
    known, parsed = expected(f"sar/{name}"), read(name)
    facts = parsed.facts

    assert parsed.parser == "sar/1"
    assert parsed.host is not None
    assert parsed.host.name == facts["host"] == known["host"]
    assert (facts["kernel"], facts["arch"], facts["cpu_count"]) == (known["kernel"], known["arch"], known["ncpu"])
    assert facts["headings"] == known["file_headers"]
    assert facts["averages"] == known["average_lines"]
    assert len(facts["restarts"]) == known["restart_lines"]
    assert facts["hours"] == (12 if known["clock12h"] else 24)
    assert facts.get("interval_s") == known.get("typical_interval_s", facts.get("interval_s"))
    # The one file with lines that are not sar's has a footer of its collector.
    assert parsed.lines.skipped == (4 if name == "ksar-11.6.1-full-4cpu.txt" else 0)


@here_only
@pytest.mark.parametrize("name", TEXTS)
def test_rows_are_samples_in_order(name: str) -> None:
    known, parsed = expected(f"sar/{name}"), read(name)
    seconds = sorted(time // NS_PER_SECOND % SECONDS_PER_DAY for one in parsed.samples for time in one.times)

    assert all(one.times == sorted(one.times) for one in parsed.samples)
    if not known.get("midnight_crossings"):
        assert (seconds[0], seconds[-1]) == (seconds_of(known["first_row_time"]), seconds_of(known["last_row_time"]))


@here_only
@pytest.mark.parametrize("name", [name for name in TEXTS if "cpu_all_rows" in expected(f"sar/{name}")])
def test_idle_time(name: str) -> None:
    known, parsed = expected(f"sar/{name}"), read(name)
    idle = series(parsed)["cpu.idle", "all"]
    # A row of zeroes, for which no tick was counted, is in the known figures and no sample here.
    without_ticks = parsed.facts.get("rows_without_ticks", 0)

    assert len(idle) + without_ticks == known["cpu_all_rows"]
    assert sum(value for _, value in idle) / known["cpu_all_rows"] == pytest.approx(
        known["cpu_all_mean_idle_of_rows"], abs=6e-4
    )
    assert min(value for _, value in idle) == known["cpu_all_min_idle"]
    first, last = (time // NS_PER_SECOND for time, _ in (idle[0], idle[-1]))
    assert first % SECONDS_PER_DAY == seconds_of(known["cpu_all_first"])
    assert last % SECONDS_PER_DAY == seconds_of(known["cpu_all_last"])
    reference: dict[str, Any] = known.get("sadf_reference", {})
    if "first_epoch" in reference and "midnight" not in name:  # recorded in a zone of its own
        assert (first, last) == (reference["first_epoch"], reference["last_epoch"])


@here_only
def test_all_locales_and_formats_of_one_recording_say_the_same() -> None:
    english = series(read("rec-main.C.txt"))
    for name in names("sar", "rec-main."):
        if name.endswith((".txt",)) and not name.startswith(("rec-main.A", "rec-main.i5")):
            translated = series(read(name))
            assert translated.items() <= english.items(), name
            assert len(translated) >= 17, name
    for name in names("sadf", "rec-main."):
        if not name.endswith(("-g.svg", "-H.txt", "-r.txt")):
            content = (SAMPLES / "sadf" / name).read_bytes()
            told = series(collect(sadf.parse(Source.of(content), Hints(RECEIVED))))
            assert told.items() <= english.items(), name
            assert told, name


@here_only
def test_midnight_is_crossed_once_and_every_second_is_there() -> None:
    idle = series(read("rec-midnight-live.C.txt"))["cpu.idle", "all"]
    assert {later - earlier for (earlier, _), (later, _) in itertools.pairwise(idle)} == {NS_PER_SECOND}
    assert statistics.mean(value for _, value in idle) == pytest.approx(8.296, abs=6e-4)


@here_only
def test_sar_of_another_system_is_refused_with_its_name() -> None:
    content = (SAMPLES / "sar" / "ksar-hpux.txt").read_bytes()
    assert sar.recognise(content)
    with pytest.raises(ParseError, match="the sar of HP-UX, not of sysstat"):
        parse(content)
