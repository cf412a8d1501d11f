"""What a report says of launches that really went through the system, in each of its forms."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import UTC, datetime, timedelta
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diagnostics.models import Launch, Marker, Regression, Service
from diagnostics.reporting import Asked, Content, blocks, preview, rendering
from diagnostics.reporting.content import Row, Waterfall, from_data, to_data
from diagnostics.triage import LAUNCHSCOPE, Decision, decide
from tests.data.snapshots import snapshot
from tests.views.conftest import launched, received, usual, work


def asked(**more: object) -> Asked:
    now = datetime.now(UTC)
    return Asked(**{"since": now - timedelta(days=1), "until": now + timedelta(minutes=1), **more})  # type: ignore[arg-type]


def said(**more: object) -> Content:
    return preview(asked(**more))


def test_a_new_regression_with_its_proof(slowed: list[Launch]) -> None:
    content = said()
    (one,) = [one for one in content.new if one.phase and one.phase.endswith("weights")]
    assert (one.change, one.first_version, one.first_launch) == ("new", "2.0", str(slowed[10].pk))
    assert one.candidate_ns > 1.9 * one.baseline_ns
    assert one.low < one.candidate_ns / one.baseline_ns < one.high
    detail = one.detail
    assert detail
    assert sum(part.change_ns for part in detail.parts) == detail.delta_ns
    assert max(detail.parts, key=lambda part: part.change_ns).label == "weights"
    assert set(detail.candidate) == {str(launch.pk) for launch in slowed[10:]}
    assert detail.waterfall
    weights = next(row for row in detail.waterfall.rows if row.label == "weights")
    assert weights.baseline
    assert weights.candidate
    assert weights.candidate[1] > 1.9 * weights.baseline[1]
    assert content.headline.startswith("2 new regressions, first weights of open-autoglm")
    assert "since 2.0" in content.headline


def test_the_deploy_before_it_is_named(slowed: list[Launch]) -> None:
    first = slowed[10]
    told = {"service": first.service, "version": "2.0", "commit": "abcdef1234567890"}
    Marker.objects.create(key="a", at=first.start_time - 60_000_000_000, **told)
    Marker.objects.create(key="b", at=first.start_time + 60_000_000_000, **{**told, "version": "9.9"})
    content = said()
    assert {one.marker for one in content.new} == {"2.0 abcdef123456"}
    assert "after 2.0 abcdef123456" in rendering.text(content)


def test_it_is_the_same_after_storing(slowed: list[Launch]) -> None:
    content = said()
    assert to_data(from_data(to_data(content))) == to_data(content)


def test_states_in_and_out_of_the_period(slowed: list[Launch]) -> None:
    begun, now = datetime.now(UTC), datetime.now(UTC) + timedelta(minutes=1)
    later = said(since=begun, until=now)
    assert (later.counts["new"], later.counts["continuing"]) == (0, 2)
    assert later.headline == "No launch arrived in this period; 2 regressions continue"
    for pk in Regression.objects.values_list("pk", flat=True):
        decide(pk, Decision(state="resolved"), LAUNCHSCOPE)
    over = said(since=begun, until=now)
    assert (over.counts["continuing"], over.counts["resolved"]) == (0, 2)
    before = said(since=begun - timedelta(days=1), until=begun)
    assert (before.counts["new"], before.counts["resolved"]) == (2, 0)  # as it was at the end of that period
    again = datetime.now(UTC)
    decide(Regression.objects.order_by("pk").values_list("pk", flat=True)[0], Decision(state="open"), LAUNCHSCOPE)
    back = said(since=again, until=now)
    assert [one.change for one in back.new] == ["reopened"]


def test_an_empty_period(db: None) -> None:
    content = said()
    assert content.headline == "No launch arrived in this period"
    assert not content.changed
    assert "No launch arrived in this period" in rendering.html(content)
    assert "No launch arrived in this period" in rendering.text(content)


def test_one_launch(db: None) -> None:
    launched(usual(0, version="1.0"))
    content = said()
    assert content.launches == 1
    (unjudged,) = content.not_judged
    assert (unjudged.why, unjudged.launches) == ("not enough data", 1)
    assert content.headline == "Nothing got slower in 1 launch"


def test_what_was_refused_and_what_never_finished(db: None) -> None:
    work(received({**usual(0), "phases": "nonsense"}))
    launched({**usual(1), "service": "other"})
    Launch.objects.filter(service__name="other").update(status="running")
    content = said()
    assert {one.why for one in content.not_judged} == {"refused", "not enough data"}
    assert next(one for one in content.not_judged if one.why == "refused").text
    (unfinished,) = content.unfinished
    assert unfinished.last_phase.endswith("weights") or unfinished.last_phase.endswith("model")
    assert content.changed
    assert content.headline.endswith("; 1 launch never finished")


def test_faster_and_slow_hosts_and_coverage(db: None) -> None:
    for number in range(10):
        launched(usual(number, 2000, version="1.0"))
    begun = datetime.now(UTC)
    for number in range(10, 15):
        launched(usual(number, 1000, version="1.1", host={"name": "quick"}))
    for number in range(15, 19):
        slow = usual(number, 1500, version="1.1", host={"name": "slow"})
        launched(slow)
    content = said(since=begun)
    assert any((one.phase or "").endswith("weights") and one.first_version == "1.1" for one in content.improvements)
    (host,) = content.hosts
    assert host.host == "slow"
    assert host.median_ns > host.others_ns
    Launch.objects.filter(received_at__gte=begun).update(unaccounted_ns=500_000_000)
    (drop,) = said(since=begun).coverage
    assert drop.now < drop.before


def test_a_headline_does_not_calm_where_phases_tell_of_less(db: None) -> None:
    for number in range(8):
        launched(usual(number))
    begun = datetime.now(UTC)
    for number in range(8, 11):
        launched(usual(number))
    assert said(since=begun).headline == "Nothing got slower in 3 launches"
    Launch.objects.filter(received_at__gte=begun).update(unaccounted_ns=500_000_000)
    assert said(since=begun).headline == "Nothing got slower in 3 launches; phases of 1 service tell of less"


def test_scope_by_service_and_label(slowed: list[Launch]) -> None:
    launched({**usual(100), "service": "other"})
    other = Service.objects.get(name="other")
    assert [row.service for row in said(services=[other.pk]).services] == ["other"]
    assert said(services=[other.pk]).counts["new"] == 0
    Launch.objects.filter(pk=slowed[-1].pk).update(labels={"gpu": "H100"})
    assert said(labels={"gpu": "H100"}).launches == 1
    assert said(labels={"gpu": "A100"}).launches == 0


def test_forms(slowed: list[Launch]) -> None:
    content = said(name="=1+1 & <b>Weekly</b>")
    page = rendering.html(content, "https://launchscope.example/reports/1/")
    assert "<script" not in page
    assert "src=" not in page
    assert "<b>Weekly</b>" not in page
    assert "&lt;b&gt;Weekly&lt;/b&gt;" in page
    first = datetime.fromtimestamp(content.new[0].first_time // 10**9, ZoneInfo("Asia/Shanghai"))
    local = rendering.html(dataclasses.replace(content, time_zone="Asia/Shanghai"))
    assert f"first slower launch {first:%Y-%m-%d %H:%M:%S}" in local
    assert page.count('bgcolor="#d9640f"') >= 2  # the slower phases, as table cells
    text = rendering.text(content, "https://launchscope.example/reports/1/")
    for told in ("New regression: weights", "░ baseline, █ candidate", "since 2.0", "https://launchscope.example/"):
        assert told in text
    rows = list(csv.DictReader(io.StringIO(rendering.table(content))))
    assert {row["section"] for row in rows} >= {"new", "service"}
    assert "\n" not in rendering.subject(content)


@pytest.mark.parametrize(("value", "cell"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5", "-5"), ("weights", "weights")])
def test_a_cell_is_no_formula(value: str, cell: str) -> None:
    assert rendering._inert(value) == cell


def test_chat_is_bounded(slowed: list[Launch]) -> None:
    content = said()
    many = [content.new[0]] * 30
    told = blocks.blocks(from_data({**to_data(content), "new": [to_data(content)["new"][0]] * len(many)}), "")
    assert len(told) <= blocks.MOST_BLOCKS < 50


def test_many_services_cost_no_more_queries(db: None) -> None:
    launched(usual(0))

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            said()
        return len(caught)

    few = queries()
    for number in range(1, 40):
        document = snapshot(*usual(number)["phases"], service=f"service-{number}", launch_id=usual(number)["launch_id"])
        launched(document)
    content = said()
    assert content.launches == 40
    assert len(content.services) == 30
    assert content.counts["services"] == 40
    assert queries() == few


def test_what_continues_and_what_is_over_says_how_sure_and_since_when(slowed: list[Launch]) -> None:
    begun, now = datetime.now(UTC), datetime.now(UTC) + timedelta(minutes=1)
    later = said(since=begun, until=now)
    one = next(one for one in later.continuing if one.detail)
    for told in (rendering.text(later), rendering.html(later)):
        assert told.count("interval of the ratio: ") >= 3  # two in the list, one with its proof
        assert told.count("first slower launch 20") >= 3
        assert "weights of open-autoglm" in told
    assert "Where the difference comes from" in rendering.html(later)
    assert "░ baseline, █ candidate" in rendering.text(later)
    for pk in Regression.objects.values_list("pk", flat=True):
        decide(pk, Decision(state="resolved"), LAUNCHSCOPE)
    over = rendering.text(said(since=begun, until=now))
    assert f"resolved: {one.phase.rpartition('/')[2] if one.phase else 'the total'} of" in over
    assert over.count("interval of the ratio: ") == 2


def test_letters_stand_in_columns_whatever_the_script() -> None:
    rows = [Row("加载权重分片与编译内核与预热缓存", 0, (0, 5), (0, 9)), Row("weights", 1, (5, 5), (9, 9))]
    lines = blocks.letters(Waterfall("a", "b", 10, 18, rows))[2:]
    columns = {sum(2 if east_asian_width(one) in "WF" else 1 for one in line[: line.index("|")]) for line in lines}
    assert columns == {27}
