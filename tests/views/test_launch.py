"""The launch page and its table."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from diagnostics.models import Launch
from tests.data.snapshots import MS, T0, phase, snapshot
from tests.views.conftest import launched, received, usual, work
from tests.views.test_services import HTMX


def rows(part: str) -> list[str]:
    return re.findall(r'<span class="ls-depth-\d+">([^<]+)</span>', part)


def test_header_says_the_essentials(viewer: Client) -> None:
    launch = launched(
        snapshot(
            phase("config", 0, 400),
            phase("weights", 500, 2000),
            version="1.4.2",
            environment="prod",
            host={"name": "gpu-07"},
            milestones={"health_ok": T0 + 2500 * MS},
            labels={"gpu": "H100"},
            config={"TIMEOUT": {"expected": "300", "actual": "60"}},
        )
    )
    page = viewer.get(f"/launches/{launch.pk}/").content.decode()
    for shown in ("2.5 s", "1.4.2 on gpu-07", "ready by health check", "96 %", "weights, on the critical path", "H100"):
        assert shown in page
    assert f'src="/api/v1/launches/{launch.pk}/waterfall"' in page
    assert f'href="/api/v1/artifacts/{launch.artifacts.get().pk}/raw"' in page
    assert re.search(r"ls-bad.*60", page), "a setting that is not as expected stands out"


def test_flags_show_actual_and_expected(viewer: Client, slowed: list[Launch]) -> None:
    page = viewer.get(f"/launches/{slowed[-1].pk}/").content.decode()
    assert re.search(r"\+\d+ % slower", page)
    assert "expected 1.0 s" in page or "expected 1.00 s" in page
    assert "of the 1" in page  # the runs of the baseline
    assert f"candidate={slowed[-1].pk}" in page


def test_usual_launch_has_no_flags(viewer: Client, slowed: list[Launch]) -> None:
    page = viewer.get(f"/launches/{slowed[9].pk}/").content.decode()
    assert "unchanged" in page
    assert "flags-title" not in page


def test_failed_launch_names_the_phase(viewer: Client) -> None:
    launch = launched(snapshot(phase("config"), phase("weights", 100, status="failed")))
    page = viewer.get(f"/launches/{launch.pk}/").content.decode()
    assert "failed in weights" in page


def test_markup_is_text(viewer: Client) -> None:
    name = "<script>alert(1)</script>"
    launch = launched(
        snapshot(phase(name), version=name, host={"name": name}, labels={name: name}, config={name: {"actual": name}})
    )
    for address in (f"/launches/{launch.pk}/", f"/launches/{launch.pk}/?view=table", "/", "/search?q=script"):
        page = viewer.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_parsing_resolves_by_itself(viewer: Client) -> None:
    accepted = received(usual(1))
    page = viewer.get(f"/launches/{accepted.launch}/").content.decode()
    assert "Parsing…" in page
    assert "<plotly-chart" not in page
    state = f"/launches/{accepted.launch}/state?was=received&asked=3"
    waiting = viewer.get(state, headers=HTMX)
    assert "HX-Refresh" not in waiting
    assert "asked=4" in waiting.content.decode()
    work(accepted)
    assert viewer.get(state, headers=HTMX)["HX-Refresh"] == "true"
    assert "Parsing…" not in viewer.get(f"/launches/{accepted.launch}/").content.decode()


def test_asking_ends(viewer: Client) -> None:
    accepted = received(usual(1))
    part = viewer.get(f"/launches/{accepted.launch}/state?was=received&asked=60").content.decode()
    assert "hx-get" not in part
    assert "is a worker running?" in part


def test_rejected_shows_the_sentence_and_the_place(viewer: Client) -> None:
    accepted = received([phase("start", duration=-5)], service="broken")
    work(accepted)
    page = viewer.get(f"/launches/{accepted.launch}/").content.decode()
    assert "The snapshot was rejected" in page
    assert "$[0].duration_ns" in page
    assert "Parsing…" not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["config", "model", "weights"]),
        ({"sort": "duration"}, ["model", "weights", "config"]),
        ({"sort": "self"}, ["weights", "model", "config"]),
        ({"sort": "nonsense", "page": "x"}, ["config", "model", "weights"]),
        ({"find": "WEIGH"}, ["weights"]),
        ({"page": "999"}, ["config", "model", "weights"]),
    ],
)
def test_table(viewer: Client, query: dict[str, str], expected: list[str]) -> None:
    launch = launched(usual(0))
    assert rows(viewer.get(f"/launches/{launch.pk}/phases", query).content.decode()) == expected


def test_table_has_the_waterfalls_numbers(viewer: Client) -> None:
    launch = launched(usual(0))
    page = viewer.get(f"/launches/{launch.pk}/?view=table").content.decode()
    assert "<plotly-chart" not in page
    for shown in ("1.2 s", "200 ms", "92 %", "100 ms"):  # model, what it took itself, its share, config
        assert shown in page


def test_table_is_paged(viewer: Client) -> None:
    launch = launched(snapshot(*(phase(f"step-{n}", n * 10, 10) for n in range(250))))
    part = viewer.get(f"/launches/{launch.pk}/phases?page=3").content.decode()
    assert len(rows(part)) == 50
    assert "201 to 250 of 250" in part
    assert "Next" not in part


def test_unknown_launch_is_not_found(viewer: Client) -> None:
    for tail in ("", "state", "row", "phases"):
        assert viewer.get(f"/launches/00000000-0000-4000-8000-000000000000/{tail}").status_code == 404


def test_phases_of_a_name_are_found_wherever_they_are(viewer: Client) -> None:
    launch = launched(snapshot(phase("boot", 0, 1000), *[phase(f"<b>shard {n}", 1000 + n, 1) for n in range(7)]))
    found = viewer.get(f"/launches/{launch.pk}/found?find=SHARD").content.decode()
    assert "7 phases of this launch" in found
    assert found.count("&amp;select=") == 5
    assert "&lt;b&gt;shard 0</a>" in found
    start = T0 + 1000 * MS
    assert f"from={start - MS}&amp;to={start + 2 * MS}&amp;select=1#waterfall" in found
    assert "?view=table&amp;find=SHARD#waterfall" in found
    assert "No phase is called “x”" in viewer.get(f"/launches/{launch.pk}/found?find=x").content.decode()
    assert viewer.get(f"/launches/{launch.pk}/found").content.strip() == b""
