"""The plumbing of `make bench`: names, arguments and shapes. Nothing here is timed; the benchmarks themselves are."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from benchmarks import __main__, ingest, kernel_log
from benchmarks.figures import FIGURES, chosen, is_wanted
from benchmarks.measurement import Measurement, quantile, table
from benchmarks.snapshots import Launches, shapes
from benchmarks.traces import Traces
from diagnostics.analysis.launch import analyse
from diagnostics.parsers import Hints
from diagnostics.parsers.otlp import Trace, by_trace, phases_of, read_file
from diagnostics.parsers.snapshot import parse
from diagnostics.parsers.snapshot_form import envelope


def figure(value: float, judged: str = "value") -> Measurement:
    return Measurement("pages.launch", value, "ms", 4.0, "an empty answer", 8.0, judged, {"requests": 60})


def test_the_promised_figures_are_there() -> None:
    assert set(FIGURES) == {
        "ingest",
        "accept",
        "otlp",
        "pages",
        "waterfall",
        "memory",
        "parse",
        "agent",
        "two_samples",
        "change_points",
    }


def test_a_figure_is_one_line_of_json_with_the_promised_keys() -> None:
    line = figure(6.0).as_json()
    told = json.loads(line)
    assert "\n" not in line
    assert {k: told[k] for k in ("figure", "value", "unit", "limit", "ratio", "bar", "met", "requests")} == {
        "figure": "pages.launch",
        "value": 6.0,
        "unit": "ms",
        "limit": 4.0,
        "ratio": 1.5,
        "bar": 8.0,
        "met": True,
        "requests": 60,
    }


@pytest.mark.parametrize(
    ("value", "judged", "met"),
    [
        (8.0, "value", True),
        (8.1, "value", False),
        (32.0, "ratio", True),
        (31.9, "ratio", False),
        (8.0, "rate", True),
        (7.9, "rate", False),
    ],
)
def test_a_bar_is_a_ceiling_for_a_value_and_a_floor_for_a_ratio_or_a_rate(value: float, judged: str, met: bool) -> None:
    assert figure(value, judged).met is met


def test_the_table_names_each_figure_and_whether_it_is_met() -> None:
    lines = table([figure(6.0), figure(9.0)]).splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("pages.launch ")
    assert " met " in lines[1]
    assert "MISSED" in lines[2]


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (0.001, 1), (1.0, 100)])
def test_a_quantile_is_a_value_that_was_seen(share: float, expected: int) -> None:
    assert quantile(list(range(100, 0, -1)), share) == expected


def test_everything_is_measured_once_when_nothing_is_chosen() -> None:
    assert len(chosen("")) == len(set(FIGURES.values())) == len(FIGURES) - 1


def test_a_part_of_a_figure_can_be_chosen() -> None:
    assert chosen("pages.launch") == [FIGURES["pages"]]


@pytest.mark.parametrize(
    ("figure", "only", "wanted"),
    [
        ("pages.launch", "pages.launch", True),
        ("pages.launch", "pages", True),
        ("pages.launch", "", True),
        ("pages.service", "pages.services", False),
        ("pages.services", "pages.service", False),
        ("accept", "ingest", False),
    ],
)
def test_only_what_was_asked_for_is_told(figure: str, only: str, wanted: bool) -> None:
    assert is_wanted(figure, only) is wanted


def test_an_unknown_figure_is_refused_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["throughput"]) == 2
    answered = capsys.readouterr()
    assert answered.out == ""
    assert answered.err.startswith(f"There is no figure “throughput”; figures are {', '.join(FIGURES)}.")


def test_only_in_the_environment_chooses_too(repository: Path) -> None:
    command = [sys.executable, "-m", "benchmarks"]
    done = subprocess.run(command, cwd=repository, env={"ONLY": "nothing"}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "There is no figure “nothing”" in done.stderr


def test_measured_spans_are_ones_that_the_product_reads() -> None:
    traces = Traces("bench", 200)
    bodies = [traces.body() for _ in range(2)]
    read = [by_trace(read_file(body, time.time_ns()).groups) for body in bodies]
    assert [len(traces_of) for traces_of in read] == [1, 1]
    assert read[0].keys() != read[1].keys()
    [(trace_id, groups)] = read[0].items()
    phases = phases_of(Trace(trace_id, groups))
    assert len(phases) == 200
    assert sum(phase.parent is None for phase in phases) == 1
    assert any(phase.depends_on for phase in phases)


@pytest.mark.parametrize("form", [kernel_log.raw, kernel_log.syslog])
def test_a_measured_kernel_log_is_one_that_the_product_reads(form: Callable[[float, str], str], tmp_path: Path) -> None:
    kernel_log.write(tmp_path / "log", form, 1_000)
    assert kernel_log.read_alone(tmp_path / "log")["records"] == 1_000


@pytest.mark.parametrize("count", [7, 200, 10_000])
def test_a_launch_has_exactly_the_phases_it_is_asked_for(count: int) -> None:
    assert len(shapes(count)) == count


def test_every_body_is_a_launch_of_its_own_that_the_product_reads() -> None:
    launches = Launches("bench", ingest.PHASES)
    bodies = [launches.body() for _ in range(3)]
    assert len({envelope(body).launch_id for body in bodies}) == 3
    parsed = parse(bodies[0], Hints(received_at=msgspec.json.decode(bodies[0])["milestones"]["health_ok"]))
    analysis = analyse(parsed.phases, parsed.milestones)
    assert len(analysis.phases) == ingest.PHASES
    assert any(phase.phase.depends_on for phase in analysis.phases)
    assert any(phase.phase.lane for phase in analysis.phases)
    assert 0 < analysis.unaccounted_time < analysis.total
