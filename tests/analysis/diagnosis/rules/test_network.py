from __future__ import annotations

import pytest

from diagnostics.analysis.diagnosis.case import SeenEvent
from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.network import link_flap, network_saturated
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, ns, phase, series, usual

DOWN, UP = "mlx5_core 0000:c1:00.0 eth2: Link is Down", "mlx5_core 0000:c1:00.0 eth2: Link is Up"


def link(seconds: float, text: str, name: str = "eth2") -> SeenEvent:
    state = "down" if "Down" in text else "up"
    return event(Category.LINK, seconds, text, interface=name, state=state)


class TestLinkFlap:
    def test_the_time_without_a_link(self) -> None:
        told = case(
            phase("weights-download", 0, 60),
            events=[link(10, DOWN), link(25, UP)],
            usual={"weights-download": usual(40, 42, 44)},
        )

        (finding,) = link_flap(told)

        assert (finding.layer, finding.severity, finding.cost) == (Layer.NETWORK, Severity.WARNING, ns(15))
        assert finding.text == "eth2 lost its link 1 time, 15 s of it during weights-download."
        assert [proof.text for proof in finding.evidence_for] == [DOWN, UP]

    def test_a_link_that_never_comes_back_ends_the_launch(self) -> None:
        (finding,) = link_flap(case(phase("rendezvous", 0, 60, failed=True), events=[link(10, DOWN)]))

        assert (finding.severity, finding.cost) == (Severity.CRITICAL, ns(50))

    def test_lines_are_read_where_no_fields_were(self) -> None:
        told = case(phase("a", 0, 60), events=[event(Category.LINK, 10, DOWN), event(Category.LINK, 20, UP)])

        (finding,) = link_flap(told)

        assert finding.text.startswith("eth2 lost its link 1 time, 10 s")

    @pytest.mark.parametrize(
        "events",
        [[link(5, UP)], [link(5, DOWN, "veth12ab"), link(6, UP, "veth12ab")], [link(-50, DOWN), link(-40, UP)]],
        ids=["comes up", "a container's", "before the launch"],
    )
    def test_is_silent(self, events: list[SeenEvent]) -> None:
        assert list(link_flap(case(phase("a", 0, 60), events=events))) == []


class TestNetworkSaturated:
    def test_an_interface_at_its_speed(self) -> None:
        samples = [
            series("network.util_percent", [95.0] * 60, instance="eth0"),
            series("network.rx_kb", [1_150_000.0] * 60, instance="eth0"),
            series("network.util_percent", [99.0] * 60, instance="docker0"),
        ]

        (finding,) = network_saturated(case(phase("weights-download", 0, 60), samples=samples))

        assert finding.text == "eth0 ran at 95 % of its speed during weights-download: 1.2 GB/s in."
        assert (finding.actual, finding.unit, finding.cost) == (95.0, "%", ns(60))

    def test_recorded_host_is_silent(self) -> None:
        told = Evidence(SAMPLES / "sar" / "rec-main.C.txt", Kind.SAR, 1)

        assert list(told.samples)
        assert list(network_saturated(case(phase("a", 0, 40), samples=told.samples, files=[told.file]))) == []
