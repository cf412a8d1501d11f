from __future__ import annotations

from diagnostics.analysis.diagnosis.events import distinct, during, proofs
from diagnostics.records import Category
from tests.analysis.diagnosis.cases import case, event, phase

IO = Category.IO_ERROR


def test_what_two_files_tell_of_one_instant_happened_once() -> None:
    told = [
        event(IO, 10, "I/O error, dev sda", artifact="dmesg"),
        event(IO, 10.4, " I/O error, dev sda ", artifact="journal", precision=10**9),
        event(IO, 10, "I/O error, dev sdb", artifact="journal"),
    ]

    assert [seen.artifact for seen in distinct(told)] == ["dmesg", "journal"]


def test_what_one_file_repeats_happened_again() -> None:
    told = [event(IO, 10 + n / 100, "I/O error, dev sda", artifact="dmesg") for n in range(40)]
    again = [event(IO, 10 + n / 100, "I/O error, dev sda", artifact="journal") for n in range(40)]

    both = sorted([*told, *again], key=lambda seen: (seen.event.time, seen.artifact))

    assert {seen.artifact for seen in distinct(both)} == {"dmesg"}
    assert len(distinct(both)) == 40


def test_only_the_launch_and_a_second_beside_it() -> None:
    told = case(phase("a", 0, 10), events=[event(IO, at, f"error {at}") for at in (-5, -0.5, 5, 10.9, 12)])

    assert [seen.event.text for seen in during(told, IO)] == ["error -0.5", "error 5", "error 10.9"]
    assert during(told, Category.NVME) == []


def test_many_lines_are_proved_by_a_few() -> None:
    told = [event(IO, n, f"error {n} " + "x" * 1000, line=n) for n in range(1, 1001)]

    shown = proofs(told)

    assert [proof.line for proof in shown] == [1, 2, 3, 4, 5, 1000]
    assert shown[-1].text.startswith("… and 995 more, the last: error 1000")
    assert all(len(proof.text) <= 300 for proof in shown)
    assert len(proofs(told[:5])) == 5
