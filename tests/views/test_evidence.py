"""Evidence on the launch page: the figure, the list of events, the files and what is said without any."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from diagnostics.models import Launch
from diagnostics.records import NS_PER_SECOND as S
from tests.data.snapshots import T0
from tests.views.evidence_files import BOOT, EVENTS, TROUBLE, kernel_log, samples, sent, slow_launch
from tests.views.test_queries import questions


def figure(client: Client, launch: Launch, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/launches/{launch.pk}/evidence.json", query)
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(answer.content)
    return found


def points(drawn: dict[str, Any], role: str) -> list[dict[str, Any]]:
    return [trace for trace in drawn["data"] if trace["meta"]["role"] == role]


def test_the_figure_shows_exactly_the_window_that_is_asked_for(viewer: Client) -> None:
    launch = slow_launch()
    sent("host-samples", samples(), launch)
    window = {"from": T0 + 20 * S, "to": T0 + 30 * S, "width": 900}
    drawn = figure(viewer, launch, **window)
    assert drawn["layout"]["xaxis"]["range"] == [20.0, 30.0]
    iowait = next(trace for trace in points(drawn, "load") if trace["name"] == "iowait")
    assert set(iowait["y"]) == {0, 90}  # 80 on top of 10, and nothing at the edges


def test_seconds_since_boot_lie_where_they_were(viewer: Client) -> None:
    launch = slow_launch()
    artifact = sent("kernel-log", TROUBLE)
    drawn = figure(viewer, launch)
    (error,) = [trace for trace in points(drawn, "events") if trace["name"] == "I/O error"]
    assert error["x"] == [20.5]
    assert error["customdata"][0][:2] == [str(artifact.pk), 2]


def test_kubernetes_events_say_what_they_can_be_off_by(viewer: Client) -> None:
    launch = slow_launch()
    sent("k8s-events", EVENTS, launch)
    tips = [tip for trace in points(figure(viewer, launch), "events") for tip in trace["hovertext"]]
    assert any("Startup probe failed" in tip and "± 1.0 s" in tip for tip in tips)


@pytest.mark.parametrize("query", [{"from": "x"}, {"from": 5, "to": 4}, {"to": 2**70}])
def test_a_window_that_is_none_is_refused(viewer: Client, query: dict[str, Any]) -> None:
    answer = viewer.get(f"/launches/{slow_launch().pk}/evidence.json", query)
    assert answer.status_code == 400
    assert b"nanoseconds" in answer.content


def test_events_are_listed_with_their_lines(viewer: Client) -> None:
    launch = slow_launch()
    artifact = sent("kernel-log", TROUBLE)
    page = viewer.get(f"/launches/{launch.pk}/events").content.decode()
    assert "+20.5 s" in page
    assert "I/O error" in page
    assert f"/artifacts/{artifact.pk}/lines/?line=2#line-2" in page


def test_no_event_is_said(viewer: Client) -> None:
    assert "No log tells of an event" in viewer.get(f"/launches/{slow_launch().pk}/events").content.decode()


def test_files_say_how_they_join_and_what_they_cover(viewer: Client) -> None:
    launch = slow_launch()
    sent("host-samples", samples(30, 60), launch)
    sent("kernel-log", kernel_log((-300, "early"), (-290, "still early")))
    page = viewer.get(f"/launches/{launch.pk}/").content.decode()
    assert 'x="500" width="500"' in page
    assert "launch id" in page
    assert "host and time" in page
    assert "none of it" in page


def test_without_evidence_the_page_says_what_to_send(viewer: Client) -> None:
    launch = slow_launch()
    page = viewer.get(f"/launches/{launch.pk}/").content.decode()
    assert "autoglm-debug collect --since 2h --dmesg --sar --service open-autoglm --upload" in page
    assert "evidence-chart" not in page
    sent("kernel-log", TROUBLE)
    page = viewer.get(f"/launches/{launch.pk}/").content.decode()
    assert "autoglm-debug collect" not in page
    assert "evidence-chart" in page


def test_questions_do_not_grow_with_files(viewer: Client) -> None:
    launch = slow_launch()
    sent("kernel-log", TROUBLE)
    asked = []
    for second in (1, 2, 3, 4, 5):
        sent(
            "kernel-log",
            kernel_log((second, "one more"), (second + 20, "Buffer I/O error on dev sdb, logical block 1")),
        )
        asked.append([questions(viewer, f"/launches/{launch.pk}/{part}") for part in ("", "events", "evidence.json")])
    assert asked[0] == asked[-1]
    assert max(asked[-1]) <= 20


def test_a_clock_that_contradicts_the_launchs_is_corrected_only_when_asked(viewer: Client) -> None:
    launch = slow_launch()
    # The launch knows the boot time; the file's sender was told another, five seconds later.
    sent("kernel-log", TROUBLE, boot_time=str(BOOT + 5 * S))

    def place(**query: str) -> list[float]:
        drawn = figure(viewer, launch, to=T0 + 90 * S, **query)
        return next(trace["x"] for trace in points(drawn, "events") if trace["name"] == "I/O error")

    assert (place(), place(clock="corrected")) == ([25.5], [20.5])
    page = viewer.get(f"/launches/{launch.pk}/").content.decode()
    assert "data-clock-switch" in page
    assert "can be corrected by −5.0 s" in page


def test_without_a_contradiction_there_is_nothing_to_correct(viewer: Client) -> None:
    launch = slow_launch()
    sent("kernel-log", TROUBLE)
    assert "data-clock-switch" not in viewer.get(f"/launches/{launch.pk}/").content.decode()
