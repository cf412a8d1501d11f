from __future__ import annotations

from typing import Any

import pytest

from diagnostics.analysis.diagnosis.case import Case, SeenSeries
from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.cpu import cpu_contention, cpu_steal, cpu_throttled
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import DATA, Evidence, case, ns, phase, series, usual


def recorded(name: str, length: float, **fields: Any) -> Case:
    """A program of 2 s of CPU time, as the agent sampled it."""
    told = Evidence(DATA / "diagnosis" / f"rec-{name}.host-samples.json", Kind.HOST_SAMPLES, 0.25)
    return case(phase("warm-up", 0, length), samples=told.samples, files=[told.file], **fields)


class TestThrottled:
    def test_recorded_under_a_quota_of_three_tenths(self) -> None:
        (finding,) = cpu_throttled(recorded("throttled", 7.1, labels={"cpus_limit": "0.3"}))

        assert (finding.layer, finding.severity, finding.phase) == (Layer.CPU, Severity.WARNING, "warm-up")
        assert finding.text == "The CPU limit of 0.3 CPUs stopped the launch 40 % of warm-up."
        assert finding.cost == pytest.approx(ns(2.8), rel=0.05)
        assert "0.28 CPUs used on average" in finding.evidence_for[1].text
        assert 'cpu: "1"' in finding.patch

    def test_share_of_many_queues_is_never_more_than_all(self) -> None:
        stopped = series("cgroup.throttled_percent", [850.0] * 60, instance="launch")

        (finding,) = cpu_throttled(case(phase("a", 0, 60), samples=[stopped]))

        assert (finding.actual, finding.cost, finding.patch) == (100.0, ns(60), "")

    @pytest.mark.parametrize("name", ["cold", "crowded"])
    def test_is_silent_without_a_quota(self, name: str) -> None:
        assert list(cpu_throttled(recorded(name, 6))) == []


class TestContention:
    def test_recorded_among_six_others(self) -> None:
        (finding,) = cpu_contention(recorded("crowded", 12.9))

        assert finding.text == (
            "The CPUs were too few during warm-up: 8 tasks wanted 2 CPUs. The launch itself made 7.6 % of that load."
        )
        assert finding.cost == pytest.approx(ns(9.4), rel=0.05)
        assert finding.advice.startswith("Others on the host used the CPUs too")
        assert "9 CPUs would have held all" in finding.advice

    def test_own_threads_are_told_from_neighbours(self) -> None:
        samples = [
            series("load.run_queue", [16.0] * 60),
            series("cpu.idle", [1.0] * 60),
            series("process.cpu_percent", [390.0] * 60, instance="launch"),
        ]

        (finding,) = cpu_contention(case(phase("a", 0, 60), samples=samples, facts={"cpu_count": 4}))

        assert finding.advice.startswith("The launch needs more CPUs than the 4 it has")

    @pytest.mark.parametrize(
        "samples",
        [
            [series("pressure.cpu_some", [70.0] * 60), series("cpu.idle", [60.0] * 60)],
            [series("load.run_queue", [16.0] * 60)],
            [
                series("load.run_queue", [9.0] * 60),
                series("cpu.idle", [10.0] * 60),
                series("cpu.iowait", [60.0] * 60),
            ],
        ],
        ids=["its own quota holds it back", "how many CPUs is not known", "they wait for a disk"],
    )
    def test_is_silent(self, samples: list[SeenSeries]) -> None:
        assert list(cpu_contention(case(phase("a", 0, 60), samples=samples))) == []

    def test_as_usual_speaks_against_it(self) -> None:
        told = recorded("crowded", 12.9, usual={"warm-up": usual(12, 13, 14)})

        (finding,) = cpu_contention(told)

        assert [proof.text for proof in finding.evidence_against] == [
            "warm-up took 13 s, as usual: the median of 3 earlier launches is 13 s"
        ]


class TestSteal:
    def test_what_was_wanted_and_not_given(self) -> None:
        samples = [series("cpu.steal", [30.0] * 60), series("cpu.idle", [40.0] * 60)]

        (finding,) = cpu_steal(case(phase("a", 0, 60), samples=samples))

        assert (finding.actual, finding.unit, finding.cost) == (30.0, "%", ns(30))

    @pytest.mark.parametrize("name", ["cold", "crowded", "throttled"])
    def test_is_silent_on_hosts_that_were_given_all(self, name: str) -> None:
        assert list(cpu_steal(recorded(name, 6))) == []
