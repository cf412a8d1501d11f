"""What brings a file's times onto the launch's clock, and what it says of that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.analysis.clock import Correction, FileClock, LaunchClock, correction
from diagnostics.records import NS_PER_SECOND as S

BOOT = 1_764_000_000 * S


def test_a_file_on_the_calendar_stays_where_it_is() -> None:
    assert correction(FileClock("container-log", precision=1000), LaunchClock()) == Correction(precision=1000)


def test_seconds_since_boot_are_placed_by_the_launch() -> None:
    told = correction(FileClock("kernel-log", "boot"), LaunchClock(boot_time=BOOT))
    assert (told.placing, told.correction) == (BOOT, 0)
    assert told.reason == "seconds since boot, placed by the launch's boot time"


@pytest.mark.parametrize(
    ("file", "launch", "reason"),
    [
        (FileClock("kernel-log", "boot"), LaunchClock(), "send boot_time"),
        (FileClock("kernel-log", "boot", boot_id="a"), LaunchClock(BOOT, "b"), "another boot"),
        (FileClock("kernel-log", "none"), LaunchClock(BOOT), "no stamps"),
        (FileClock("python-importtime", "relative"), LaunchClock(BOOT), "does not tell"),
    ],
)
def test_what_nothing_places(file: FileClock, launch: LaunchClock, reason: str) -> None:
    told = correction(file, launch)
    assert told.placing is None
    assert reason in told.reason


@pytest.mark.parametrize(
    ("apart", "ids", "moved"),
    [
        (0, ("", ""), 0),
        (S // 2, ("", ""), 0),  # boot times are told in whole seconds by some
        (90 * S, ("", ""), 90 * S),
        (-90 * S, ("a", "a"), -90 * S),
        (90 * S, ("a", "b"), 0),
        (7 * 86_400 * S, ("", ""), 0),  # another boot
        (7 * 86_400 * S, ("a", "a"), 7 * 86_400 * S),  # asleep for a week
    ],
)
def test_two_boot_times_of_one_boot(apart: int, ids: tuple[str, str], moved: int) -> None:
    file = FileClock("kernel-log", boot_time=BOOT, boot_id=ids[0], is_monotonic=True)
    told = correction(file, LaunchClock(BOOT + apart, ids[1]))
    assert (told.placing, told.correction) == (0, moved)
    assert bool(told.reason) == bool(moved)
    if moved:
        assert ("before" if moved > 0 else "after") in told.reason


@pytest.mark.parametrize(
    ("own", "cluster", "moved", "said"),
    [
        ({"process_start": 10}, {"container_started": 10}, 0, "whole seconds"),
        ({"process_start": 40}, {"container_started": 10}, 0, "whole seconds"),  # an entry point that took its time
        ({"process_start": 10}, {"container_started": 47}, -37, "37 s before Kubernetes"),
        ({"health_ok": 100}, {"pod_ready": 99}, 0, "whole seconds"),
        ({"health_ok": 100}, {"pod_ready": 40}, 57, "ready 57 s before"),  # less a second, less two of polling
        ({"ready_line": 90, "health_ok": 100}, {"pod_ready": 40}, 47, "ready 47 s before"),
        ({"process_start": 10, "health_ok": 100}, {"container_started": 20, "pod_ready": 50}, 0, "contradict"),
        ({}, {"pod_ready": 5}, 0, "whole seconds"),
    ],
)
def test_kubernetes_against_the_process(own: dict[str, int], cluster: dict[str, int], moved: int, said: str) -> None:
    launch = LaunchClock(
        instants={name: BOOT + time * S for name, time in own.items()},
        cluster={name: BOOT + time * S for name, time in cluster.items()},
    )
    told = correction(FileClock("k8s-pod"), launch)
    assert (told.placing, told.correction, told.precision) == (0, moved * S, S)
    assert said in told.reason


@given(st.integers(-500, 500), st.integers(0, 300), st.integers(1, 300))
def test_a_skew_is_found_with_its_sign_and_never_overdone(skew: int, before: int, took: int) -> None:
    """Kubernetes' clock is ``skew`` ahead of the process's: moving by the correction leaves at most what was there."""
    own = {"process_start": BOOT, "health_ok": BOOT + took * S}
    cluster = {"container_started": BOOT + (skew - before) * S, "pod_ready": BOOT + (skew + took) * S}
    moved = correction(FileClock("k8s-events"), LaunchClock(instants=own, cluster=cluster)).correction
    assert abs(moved) <= abs(skew) * S
    assert moved == 0 or (moved < 0) == (skew > 0)


def test_ages_and_times_of_receipt_are_times_and_say_what_they_are() -> None:
    for kind, clock, said in (("k8s-events", "relative", "ages"), ("df", "received", "when it was received")):
        told = correction(FileClock(kind, clock), LaunchClock(BOOT))
        assert (told.placing, told.correction) == (0, 0)
        assert said in told.reason


def test_samples_say_how_far_apart_they_are() -> None:
    told = correction(FileClock("sar", interval=600 * S), LaunchClock())
    assert (told.precision, told.correction) == (600 * S, 0)
    assert "every 600 s" in told.reason


def test_stamps_that_forget_sleep_say_so() -> None:
    assert "slept" in correction(FileClock("kernel-log", form="ctime", precision=S), LaunchClock()).reason
