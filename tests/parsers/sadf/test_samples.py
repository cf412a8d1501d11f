"""Every collected output of sadf as it is known to be."""

from __future__ import annotations

import json

import pytest

from diagnostics.parsers import Hints, Source, collect, sadf
from diagnostics.records import NS_PER_SECOND, Parsed, ParseError
from tests.parsers.sar.reports import RECEIVED, moment, series
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

REFUSED = {
    "-g.svg": "a drawing",
    "-H.txt": "only the header",
    "-r.txt": "raw counters",
    "no-j-option.txt": "usage text",
}
READ = [name for name in names("sadf") if not name.endswith(tuple(REFUSED))]
JSON = [name for name in READ if name.endswith(".json")]


def read(name: str) -> Parsed:
    content = (SAMPLES / "sadf" / name).read_bytes()
    return collect(sadf.parse(Source.of(content), Hints(RECEIVED)))


@here_only
@pytest.mark.parametrize("name", READ)
def test_everything_is_read_in_order(name: str) -> None:
    parsed = read(name)
    assert parsed.parser == "sadf/1"
    assert parsed.lines.skipped == 0
    assert parsed.lines.total == (SAMPLES / "sadf" / name).read_bytes().count(b"\n")
    assert all(one.times == sorted(one.times) for one in parsed.samples)
    assert not any(one.metric.startswith("other.") for one in parsed.samples)
    assert parsed.samples


@here_only
@pytest.mark.parametrize("name", JSON)
def test_json(name: str) -> None:
    known, parsed = expected(f"sadf/{name}"), read(name)
    idle = series(parsed)["cpu.idle", "all"]

    assert parsed.host is not None
    assert (parsed.host.name, parsed.facts["cpu_count"]) == (known["host"], known["ncpu"])
    assert len(idle) == known["cpu_samples"]
    assert sum(value for _, value in idle) / len(idle) == pytest.approx(known["mean_idle"], abs=6e-4)
    assert [moment(time).replace("T", " ") for time, _ in (idle[0], idle[-1])] == [known["first"], known["last"]]
    assert (len(parsed.facts["restarts"]), len(parsed.facts["comments"])) == (known["restarts"], known["comments"])


@here_only
@pytest.mark.parametrize("name", [name for name in READ if name.endswith(".csv")])
def test_database(name: str) -> None:
    known, parsed = expected(f"sadf/{name}"), read(name)
    times = [time for one in parsed.samples for time in one.times] + [event.time for event in parsed.events]
    stamps = [known["first_stamp"], known["last_stamp"]]
    as_shown = [
        str(time // NS_PER_SECOND) if stamps[0].isdigit() else f"{moment(time).replace('T', ' ')} UTC"
        for time in (min(times), max(times))
    ]
    assert as_shown == stamps
    assert len(parsed.facts["restarts"]) == known["row_kinds"].get("RESTART", 0)
    assert len(parsed.facts["comments"]) == known["row_kinds"].get("COM", 0)


@here_only
@pytest.mark.parametrize("version", ["10.0.5", "11.0.8", "11.7.3", "12.5.4"])
def test_all_versions_call_the_same_by_the_same_name(version: str) -> None:
    told, listed = series(read(f"rec-v{version}-A.json")), series(read(f"rec-v{version}-d.csv"))
    # -A tells interrupts and guests apart from user and system time, -u does not.
    assert {key: listed[key] for key in listed if key[0] not in ("cpu.user", "cpu.system")}.items() <= told.items()
    base = {"cpu.user", "memory.free_kb", "memory.used_percent", "swap.used_kb", "paging.major_faults", "swapping.in"}
    base |= {"disk.read_kb", "disk.queue", "network.rx_kb", "load.run_queue", "load.avg_15"}
    assert base <= {metric for metric, _ in told}


@here_only
def test_the_two_long_outputs_of_one_file_agree() -> None:
    told, listed = series(read("sysstat-expected.sadf-j.json")), series(read("sysstat-expected.sadf-d.csv"))
    assert listed.items() <= told.items()
    # The database does not name the CPUs of an interrupt.
    assert all(metric == "irq.intr" and "/cpu" in instance for metric, instance in told.keys() - listed.keys())


@here_only
@pytest.mark.parametrize("ending", REFUSED)
def test_what_has_no_samples_is_refused_with_what_to_send(ending: str) -> None:
    (name,) = names("sadf", ending)
    content = (SAMPLES / "sadf" / name).read_bytes()
    assert sadf.recognise(content)
    with pytest.raises(ParseError, match=f"{REFUSED[ending]}.* Send the output of “sadf -j FILE -- -A”"):
        read(name)


@here_only
def test_json_is_the_same_however_it_is_laid_out() -> None:
    content = (SAMPLES / "sadf" / "sysstat-expected.sadf-j.json").read_bytes()
    whole = collect(sadf.parse(Source.of(content), Hints(RECEIVED)))
    for text in (json.dumps(json.loads(content)), json.dumps(json.loads(content), indent=1, sort_keys=True)):
        parsed = collect(sadf.parse(Source.of(text.encode()), Hints(RECEIVED)))
        assert series(parsed) == series(whole)
        assert sorted(event.text for event in parsed.events) == sorted(event.text for event in whole.events)
        assert parsed.facts == whole.facts
