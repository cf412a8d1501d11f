from __future__ import annotations

import pytest

from diagnostics.analysis.diagnosis.case import SeenSeries
from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.memory import memory_pressure, swapping
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import DATA, SAMPLES, Evidence, case, ns, phase, series, usual

SWAPPED = SAMPLES / "sar" / "pbench-sar0-fc20-12h-8cpu.txt"
QUIET = DATA / "diagnosis" / "rec-crowded.host-samples.json"
GIB_KB = 2.0**20
LOAD = phase("weights-load", 0, 60)
LABELS = {"memory_kb": str(64 * 2**20)}


class TestSwapping:
    def test_recorded_swap_out_at_the_beginning(self) -> None:
        told = Evidence(SWAPPED, Kind.SAR, 3)

        (finding,) = swapping(case(phase("load", 0, 9), phase("serve", 9, 60), samples=told.samples, files=[told.file]))

        assert (finding.layer, finding.severity, finding.phase) == (Layer.MEMORY, Severity.WARNING, "load")
        assert finding.text == "The host swapped 11.0 MB/s during load: 0 B/s in, 11.0 MB/s out."
        assert finding.actual == pytest.approx(2693, abs=1)
        assert finding.unit == "1/s"
        assert finding.evidence_for[0].artifact == SWAPPED.name
        # kbavail of that kernel is more than the host has: it is not quoted.
        assert all("available" not in proof.text for proof in [*finding.evidence_for, *finding.evidence_against])

    def test_costs_what_pressure_measured(self) -> None:
        samples = [series("swapping.in", [5000.0] * 60), series("pressure.memory_some", [50.0] * 60)]

        (finding,) = swapping(case(LOAD, samples=samples))

        assert finding.cost == ns(30)

    def test_costs_what_the_phase_took_longer_where_nothing_measured_it(self) -> None:
        told = case(LOAD, samples=[series("swapping.in", [5000.0] * 60)], usual={"weights-load": usual(20, 20, 20)})

        (finding,) = swapping(told)

        assert finding.cost == ns(40)

    def test_is_silent_on_a_quiet_host(self) -> None:
        told = Evidence(QUIET, Kind.HOST_SAMPLES, 0.25)
        quiet = case(phase("a", 0, 12), samples=[*told.samples, series("swapping.out", [3.0] * 12)], files=[told.file])

        assert list(swapping(quiet)) == []
        assert list(memory_pressure(quiet)) == []


class TestMemoryPressure:
    def test_measured_by_the_kernel(self) -> None:
        samples = [series("pressure.memory_some", [40.0] * 60), series("memory.available_kb", [GIB_KB] * 60)]

        (finding,) = memory_pressure(case(LOAD, samples=samples, labels=LABELS))

        assert finding.text == "Tasks stood still for want of memory 40 % of weights-load."
        assert finding.cost == ns(24)
        assert finding.confidence == pytest.approx(0.89)
        assert "1 GiB left at the least" in finding.evidence_for[1].text
        assert "at least 5.4 GiB more" in finding.advice

    def test_little_left_and_pages_read_again(self) -> None:
        samples = [series("memory.available_kb", [GIB_KB] * 60), series("paging.major_faults", [900.0] * 60)]

        (finding,) = memory_pressure(case(LOAD, samples=samples, labels=LABELS))

        assert finding.text.startswith("Only 1.6 % of the host's memory was left during weights-load")
        assert finding.confidence < 0.6

    @pytest.mark.parametrize(
        "samples",
        [
            [series("paging.major_faults", [9000.0] * 60)],
            [series("memory.available_kb", [GIB_KB] * 60)],
            [series("memory.available_kb", [32 * GIB_KB] * 60), series("paging.major_faults", [9000.0] * 60)],
            [series("pressure.memory_some", [2.0] * 60)],
            [series("pressure.memory_some", [90.0] * 2, every=600, first=0)],
        ],
        ids=["mapped weights", "full but still", "enough left", "hardly any", "too coarse"],
    )
    def test_is_silent(self, samples: list[SeenSeries]) -> None:
        assert list(memory_pressure(case(LOAD, samples=samples, labels=LABELS))) == []

    def test_swapping_says_it_better(self) -> None:
        samples = [series("pressure.memory_some", [40.0] * 60), series("swapping.in", [5000.0] * 60)]

        assert list(memory_pressure(case(LOAD, samples=samples))) == []
