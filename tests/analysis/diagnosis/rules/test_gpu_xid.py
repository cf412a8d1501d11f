from __future__ import annotations

from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.gpu_xid import gpu_xid
from diagnostics.records import Category
from tests.analysis.diagnosis.cases import case, event, ns, phase, reasons

OFF_THE_BUS = "NVRM: Xid (PCI:0000:4f:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus."
MMU = "NVRM: Xid (PCI:0000:4f:00): 31, pid=8693, name=python3, Ch 00000008, intr 10000000. MMU Fault"


def test_a_card_that_is_gone_ends_the_launch() -> None:
    told = case(phase("cuda-graph-capture", 0, 50, failed=True), events=[event(Category.GPU, 42, OFF_THE_BUS, line=9)])

    (finding,) = gpu_xid(told)

    assert (finding.layer, finding.severity, finding.cost) == (Layer.ACCELERATOR, Severity.CRITICAL, ns(50))
    assert finding.text == "Xid 79 (the GPU has fallen off the bus), 1 time, first 42 s into cuda-graph-capture."
    assert finding.evidence_for[0].line == 9
    assert "Drain the host" in finding.advice


def test_a_fault_that_a_program_makes_is_the_programs() -> None:
    told = case(phase("warm-up", 0, 50, failed=True), events=[event(Category.GPU, 49, MMU, xid=31, pci="0000:4f:00")])

    (finding,) = gpu_xid(told)

    assert finding.layer is Layer.APPLICATION
    assert "on 0000:4f:00" in finding.text


def test_the_cards_own_fault_comes_before_what_follows_from_it() -> None:
    told = case(
        phase("warm-up", 0, 50, failed=True),
        events=[event(Category.GPU, 40 + n / 10, MMU) for n in range(50)] + [event(Category.GPU, 40, OFF_THE_BUS)],
    )

    findings = list(gpu_xid(told))

    assert reasons(findings) == ["gpu-xid", "gpu-xid"]
    assert [finding.actual for finding in findings] == [1.0, 50.0]


def test_a_remapped_row_of_a_launch_that_got_ready_is_only_worth_knowing() -> None:
    told = case(phase("a", 0, 50), events=[event(Category.GPU, 3, "NVRM: Xid (PCI:0000:4f:00): 63, Row Remapper")])

    (finding,) = gpu_xid(told)

    assert (finding.severity, finding.cost) == (Severity.NOTICE, 0)
    assert finding.evidence_against[0].text == "The launch became ready all the same"


def test_a_driver_that_loads_is_silent() -> None:
    told = case(
        phase("a", 0, 50),
        events=[
            event(Category.GPU, 3, "NVRM: loading NVIDIA UNIX x86_64 Kernel Module  550.54.15"),
            event(Category.GPU, 300, OFF_THE_BUS),
        ],
    )

    assert list(gpu_xid(told)) == []
