"""Which files tell of a launch, which launches a file tells of, and what several of them say of one window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from diagnostics.ingest import streaming
from diagnostics.models import Artifact, Host, Launch, Service
from diagnostics.parsers import Reading
from diagnostics.querysets.artifacts import has_evidence
from diagnostics.querysets.records import events_within, samples_within, telling_events_within
from diagnostics.records import Category, Event, Interval, Parsed, SampleSeries

pytestmark = pytest.mark.django_db
S = 1_000_000_000
T = 1_764_000_000 * S


def launch(start: int = 0, took: int = 100, service: str = "glm", **more: Any) -> Launch:
    """A parsed launch on host ``h`` from ``start`` to ``start + took`` seconds after T."""
    host = Host.objects.get_or_create(name=more.pop("host", "h"))[0]
    times = {"start_time": T + start * S, "total_ns": took * S, "unaccounted_ns": 0}
    return Launch.objects.create(
        service=Service.objects.known(service, ""), host=host, state=more.pop("state", "parsed"), **times, **more
    )


def artifact(first: int | None = 0, last: int | None = 100, **more: Any) -> Artifact:
    """A parsed file of host ``h`` that tells of ``first`` to ``last``, seconds after T."""
    host = Host.objects.get_or_create(name=more.pop("host", "h"))[0]
    span = {"first_ns": first if first is None else T + first * S, "last_ns": last if last is None else T + last * S}
    told = {"kind": "kernel-log", "state": "parsed", "size": 1, "sha256": "", "day": "2025-11-24"}
    return Artifact.objects.create(host=host, **{**span, **told, **more})


@pytest.mark.parametrize(
    ("span", "joins"),
    [
        ((-1000, 1000), True),
        ((10, 20), True),
        ((-1000, 0), True),
        ((-1000, -599), True),  # what was read of the host shortly before
        ((-1000, -601), False),
        ((699, 2000), True),
        ((701, 2000), False),
    ],
)
def test_by_host_and_time(span: tuple[int, int], joins: bool) -> None:
    one, file = launch(), artifact(*span)
    assert list(Artifact.objects.evidence_of(one)) == [file] * joins
    assert list(Launch.objects.joined_by(file)) == [one] * joins


@pytest.mark.parametrize(
    ("about_launch", "about_file", "joins"),
    [
        ({}, {"host": "other"}, False),
        ({"boot_id": "a"}, {"boot_id": "a"}, True),
        ({"boot_id": "a"}, {"boot_id": "b"}, False),
        ({"boot_id": "a"}, {}, True),
        ({}, {"boot_id": "b"}, True),
        ({}, {"given": {"service": "glm"}}, True),
        ({}, {"given": {"service": "other"}}, False),
        ({}, {"state": "rejected", "error": {}}, False),
        ({"labels": {"node": "node-7"}, "host": "pod-1"}, {"host": "node-7"}, True),
        ({"labels": {"node": "node-7"}}, {}, True),
    ],
    ids=str,
)
def test_by_boot_service_and_node(about_launch: dict[str, Any], about_file: dict[str, Any], joins: bool) -> None:
    one, file = launch(**about_launch), artifact(**about_file)
    assert list(Artifact.objects.evidence_of(one)) == [file] * joins
    if file.state == "parsed":
        assert list(Launch.objects.joined_by(file)) == [one] * joins
    assert has_evidence(one) or not joins


def test_by_launch_id_whatever_host_and_time() -> None:
    one, other = launch(), launch(10)
    own = artifact(-9000, -8000, host="elsewhere", launch=one)
    shared = artifact(0, 50)
    told = {found.pk: found.joined_by for found in Artifact.objects.evidence_of(one)}
    assert told == {own.pk: "launch", shared.pk: "host"}
    # A launch's own file is nobody else's, however well host and time would fit.
    own.host, own.first_ns, own.last_ns = one.host, T, T + S
    own.save()
    assert list(Artifact.objects.evidence_of(other)) == [shared]
    assert list(Launch.objects.joined_by(own)) == []


def test_a_file_without_times_tells_of_when_it_came() -> None:
    now = Artifact.objects.create(kind="df", state="parsed", size=1, sha256="", day="2025-11-24")
    now.refresh_from_db()
    arrived = int(now.received_at.timestamp()) - T // S
    one, long_ago = launch(arrived - 60), launch(0)
    now.host = one.host
    now.save()
    assert list(Artifact.objects.evidence_of(one)) == [now]
    assert list(Artifact.objects.evidence_of(long_ago)) == []
    assert list(Launch.objects.joined_by(now)) == [one]


def test_seconds_since_boot_join_by_the_launchs_boot_time() -> None:
    boot = T - 5000 * S
    one, unknown, later = launch(boot_time=boot), launch(), launch(9000, boot_time=boot)
    file = artifact(facts={"clock": "boot"})
    Artifact.objects.filter(pk=file.pk).update(first_ns=4000 * S, last_ns=5050 * S)
    file.refresh_from_db()
    assert list(Artifact.objects.evidence_of(one)) == [file]
    assert not Artifact.objects.evidence_of(unknown).exists()
    assert not Artifact.objects.evidence_of(later).exists()
    assert list(Launch.objects.joined_by(file)) == [one]


def test_launches_come_newest_first() -> None:
    several = [launch(start) for start in (0, 200, 100)]
    found = list(Launch.objects.joined_by(artifact(-10, 1000)))
    assert found == [several[1], several[2], several[0]]


def test_what_followers_see() -> None:
    own, others = artifact(launch=launch(service="a")), artifact(launch=launch(service="b"))
    host, private = artifact(), artifact(given={"service": "b"})
    assert set(Artifact.objects.for_followers(())) == {own, others, host, private}
    assert set(Artifact.objects.for_followers(("a",))) == {own, host}
    assert set(Artifact.objects.for_followers(("a", "b"))) == {own, others, host, private}


def store(file: Artifact, *records: Event | SampleSeries) -> None:
    """Records through the same door as a parser's."""

    def reading() -> Reading:
        yield from records
        return Parsed("test/1")

    Artifact.objects.filter(pk=file.pk).update(state="received")
    assert streaming.store_evidence(file, reading)


def events(*seconds: float, category: Category = Category.OTHER, level: str = "") -> Iterator[Event]:
    return (Event(T + round(s * S), f"at {s}", category=category, level=level) for s in seconds)


def test_events_of_several_files_on_one_clock_page_by_page() -> None:
    one, two = artifact(), artifact()
    store(one, *events(1, 2, 3, 50))
    store(two, *events(1, 2, 2, 60))
    shifts = {one.pk: 0, two.pk: -S}
    window = Interval(T, T + 10 * S)
    whole = events_within(shifts, window, 100)
    assert [(row[0] == two.pk, row[2].time - T) for row in whole] == [
        (True, 0), *sorted([(False, S), (True, S), (True, S)], key=lambda row: (one.pk < two.pk) == row[0]),
        (False, 2 * S), (False, 3 * S),
    ]  # fmt: skip
    paged, after = [], None
    while page := events_within(shifts, window, 2, after):
        paged += page
        after = page[-1][2].time, page[-1][0], page[-1][1]
    assert paged == whole


def test_the_most_telling_events_come_first_where_not_all_can() -> None:
    file = artifact()
    store(
        file,
        *events(*range(50)),
        *events(60, level="warning"),
        *events(70, category=Category.OOM_KILL),
        *events(5.5, category=Category.IO_ERROR),
    )
    window = Interval(T, T + 100 * S)
    told = telling_events_within({file.pk: 0}, window, 4)
    assert [row[2].text for row in told] == ["at 0", "at 5.5", "at 60", "at 70"]
    assert len(telling_events_within({file.pk: 0}, window, 1000)) == 53


@pytest.mark.parametrize("held", [1, 3, 10_000])
def test_series_come_whole_and_cut_with_a_reading_on_either_side(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "SAMPLES_HELD", held)
    file = artifact()
    pieces = [
        SampleSeries(
            metric, "all", [T + t * S for t in range(first, first + 4)], [t + 0.5 for t in range(first, first + 4)]
        )
        for first in range(0, 40, 4)
        for metric in ("cpu.iowait", "cpu.idle")
    ]
    store(file, *pieces)
    found = samples_within({file.pk: 100 * S}, Interval(T + 110_500_000_000, T + 115_500_000_000), ["cpu.iowait"])
    assert [(pk, series.metric) for pk, series in found] == [(file.pk, "cpu.iowait")]
    assert found[0][1].times == [T + t * S for t in range(110, 117)]
    assert found[0][1].values == [t + 0.5 for t in range(10, 17)]
    everything = samples_within({file.pk: 0}, Interval(T - S, T + 1000 * S))
    assert {series.metric: len(series.times) for _, series in everything} == {"cpu.iowait": 40, "cpu.idle": 40}
    assert samples_within({}, Interval(T, T + S)) == []


def test_a_reading_long_before_the_window_still_stands_for_its_interval() -> None:
    file = artifact()
    store(file, SampleSeries("load.avg_1", "", [T, T + 600 * S, T + 1200 * S], [1.0, 2.0, 3.0]))
    ((_, series),) = samples_within({file.pk: 0}, Interval(T + 700 * S, T + 718 * S))
    assert series.values == [2.0, 3.0]
    file.refresh_from_db()
    assert file.facts["interval_ns"] == 600 * S
