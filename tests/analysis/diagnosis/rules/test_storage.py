from __future__ import annotations

from typing import Any

import pytest

from diagnostics.analysis.diagnosis.case import Case, SeenSeries
from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.page_cache import page_cache_miss
from diagnostics.analysis.diagnosis.rules.storage import iowait_bound, read_throughput_bound
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import DATA, SAMPLES, Evidence, case, ns, phase, series, usual

COLD = DATA / "diagnosis" / "rec-cold.host-samples.json"
GB = 10**9
LOAD = phase("weights-load", 0, 60, bytes=14 * GB)


def disk(kilobytes: float, busy: float, name: str = "nvme0n1") -> list[SeenSeries]:
    """A disk over a minute."""
    return [
        series("disk.read_kb", [kilobytes] * 60, instance=name),
        series("disk.util_percent", [busy] * 60, instance=name),
    ]


def cold(**fields: Any) -> Case:
    """1.5 GB read from a disk that gives 245 MB/s, as recorded."""
    told = Evidence(COLD, Kind.HOST_SAMPLES, 0.25)
    labels = {"files_bytes": "1572864731", **fields.pop("labels", {})}
    return case(phase("weights-load", 0, 6.4), samples=told.samples, files=[told.file], labels=labels, **fields)


class TestReadThroughputBound:
    def test_recorded_cold_read_of_a_virtual_disk(self) -> None:
        (finding,) = read_throughput_bound(cold())

        assert finding.layer is Layer.STORAGE
        assert finding.text.startswith("weights-load read 1.6 GB from vda at 245 MB/s")
        assert finding.unit == "bytes/s"
        assert finding.actual == pytest.approx(245e6, rel=0.01)
        assert finding.cost > ns(5)
        # The disk was neither busy nor waited for, which is said and costs trust.
        assert finding.confidence < 0.7
        assert [proof.text.split(" (")[0] for proof in finding.evidence_against] == [
            "cpu.iowait was only 4.3 % on average",
            "no disk was busy more than 33 % of the time",
            "the launch computed meanwhile: 0.9 CPUs on average",
        ]

    def test_busy_disk(self) -> None:
        told = case(LOAD, samples=disk(230_000, 97), usual={"weights-load": usual(55, 58, 60)})

        (finding,) = read_throughput_bound(told)

        assert finding.text == "weights-load read 14.1 GB from nvme0n1 at 236 MB/s."
        assert finding.expected == round(14 * GB / 58)
        assert finding.confidence >= 0.85
        assert finding.cost == ns(60)
        # It always took that long: the disk bounds it, but nothing got slower.
        assert "as usual" in finding.evidence_against[0].text

    def test_bytes_of_layered_devices_count_once(self) -> None:
        told = case(LOAD, samples=[*disk(230_000, 97), *disk(230_000, 97, "dm-0"), *disk(230_000, 97, "dev253-1")])

        (finding,) = read_throughput_bound(told)

        assert finding.actual == 230_000 * 1024

    def test_files_of_the_network_are_seen_at_the_interface(self) -> None:
        network = series("network.rx_kb", [230_000.0] * 60, instance="eth0")
        waited = series("pressure.io_some", [80.0] * 60)

        (finding,) = read_throughput_bound(case(LOAD, samples=[network, waited], labels={"storage": "nfs4"}))

        assert "from network storage" in finding.text
        assert "local NVMe" in finding.advice

    @pytest.mark.parametrize(
        "samples",
        [
            [],
            disk(230_000, 40),
            disk(20, 99),
            [series("network.rx_kb", [230_000.0] * 60, instance="eth0"), series("pressure.io_some", [80.0] * 60)],
        ],
        ids=["no samples", "idle disk", "nothing read", "traffic of who knows whom"],
    )
    def test_is_silent(self, samples: list[SeenSeries]) -> None:
        # Without bytes of its own nothing tells that the phase reads at all.
        assert list(read_throughput_bound(case(phase("weights-load", 0, 60), samples=samples))) == []

    def test_a_page_cache_miss_says_it_better(self) -> None:
        told = cold(usual={"weights-load": usual(0.39, 0.4, 0.41)})

        assert list(read_throughput_bound(told)) == []
        assert len(list(page_cache_miss(told))) == 1


class TestIowaitBound:
    def test_one_waiting_thread_on_many_cpus(self) -> None:
        told = case(phase("tokenizer", 0, 60), samples=[series("cpu.iowait", [1.0] * 60)], facts={"cpu_count": 96})

        (finding,) = iowait_bound(told)

        assert finding.text == "Tasks waited for I/O 96 % of tokenizer."
        assert finding.severity is Severity.WARNING
        assert "1 % of 96 CPUs" in finding.evidence_for[0].text

    def test_recorded_pressure_of_a_virtual_disk(self) -> None:
        told = Evidence(SAMPLES / "sar" / "rec-main.A.C.txt", Kind.SAR, 1)
        # Two seconds of reads and writes; later random reads keep tasks waiting a fifth of the time, which is no bound.
        phases = (phase("setup", 0, 5), phase("unpack", 5, 7), phase("import", 18, 29))

        (finding,) = iowait_bound(case(*phases, samples=told.samples, files=[told.file]))

        assert finding.phase == "unpack"
        assert finding.text == "Tasks waited for I/O 40 % of unpack."
        assert finding.evidence_for[0].text.startswith("pressure.io_some: some task waited for I/O 40 % of the time")
        assert finding.confidence < 0.6

    def test_pressure_is_believed_before_iowait(self) -> None:
        both = [series("cpu.iowait", [60.0] * 60), series("pressure.io_some", [4.0] * 60)]

        assert list(iowait_bound(case(phase("tokenizer", 0, 60), samples=both))) == []

    def test_other_work_of_the_disk_is_named(self) -> None:
        told = case(
            phase("http-start", 0, 60),
            samples=[series("pressure.io_some", [70.0] * 60), *disk(10, 98)],
            usual={"http-start": usual(2, 2, 2)},
        )

        (finding,) = iowait_bound(told)

        assert finding.cost == ns(42)
        assert "nvme0n1 was busy 98 %" in finding.advice

    def test_is_silent_where_throughput_explains_it(self) -> None:
        told = case(LOAD, samples=[series("pressure.io_some", [90.0] * 60), *disk(230_000, 97)])

        assert list(iowait_bound(told)) == []

    def test_is_silent_on_a_phase_shorter_than_the_interval(self) -> None:
        told = case(phase("tokenizer", 0, 18), samples=[series("cpu.iowait", [90.0, 90.0], every=600, first=-10)])

        assert list(iowait_bound(told)) == []


class TestPageCacheMiss:
    def test_recorded_cold_read_after_hot_launches(self) -> None:
        (finding,) = page_cache_miss(
            cold(labels={"files_cached_share": "0.0"}, usual={"weights-load": usual(0.39, 0.4, 0.41)})
        )

        assert finding.text == (
            "weights-load read 1.5 GB from disk at 246 MB/s; earlier launches got it at 3.9 GB/s, from memory."
        )
        assert finding.cost == ns(6)
        assert (finding.expected, finding.actual, finding.unit) == (ns(0.4), ns(6.4), "ns")

    def test_the_history_is_that_of_launches_that_started_warmer(self) -> None:
        """Of those that started as cold as this one, none was faster."""
        slow, fast = {"weights-load": usual(6.3, 6.4, 6.5)}, {"weights-load": usual(0.39, 0.4, 0.41)}
        labels = {"read_bytes": "1500000000", "storage_read_bytes": "1500000000"}
        told = cold(labels=labels, usual=slow, warmer=fast)

        assert [finding.cost for finding in page_cache_miss(told)] == [ns(6)]

    @pytest.mark.parametrize(
        ("labels", "durations"),
        [
            ({}, ()),
            ({}, (0.4, 0.4)),
            ({}, (6.3, 6.4, 6.5)),
            # Twice as fast is what this disk gives at its best: it may be a slower disk, not a lost cache.
            ({}, (4.5, 4.5, 4.5)),
            ({"files_cached_share": "0.97"}, (0.4, 0.4, 0.4)),
        ],
        ids=["no history", "too little history", "as always", "a slower disk", "was cached"],
    )
    def test_is_silent(self, labels: dict[str, str], durations: tuple[float, ...]) -> None:
        told = cold(labels=labels, usual={"weights-load": usual(*durations)})

        assert list(page_cache_miss(told)) == []
