"""What Prometheus scrapes and loads, read by Prometheus' own code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
import yaml
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from diagnostics import alerting, detection, metrics
from diagnostics.models import AlertRule, Histogram, Launch
from tests.api.conftest import issue
from tests.data.snapshots import phase, snapshot
from tests.views.conftest import launched

ROOT = Path(__file__).resolve().parents[2]
NASTY = 'a "quoted"\nname\\ {{ $labels }}'


def scraped(client: Client | None = None, **headers: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    token = issue("read")
    response = (client or Client()).get("/metrics", headers={"Authorization": f"Bearer {token}"} | headers)
    assert response.status_code == 200, response.content
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(response.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def started(n: int, milliseconds: int, **more: str) -> Launch:
    return launched(snapshot(phase("load", n * 1_000_000, milliseconds), **more))


@pytest.mark.django_db
def test_each_launch_is_counted_once_in_its_bucket() -> None:
    started(1, 10_000, version="1")
    started(2, 10_001, version="1")
    again = started(3, 400, version="2")
    assert metrics.count() == 3
    detection.judge(again.pk)
    assert metrics.count() == 0
    found = scraped()
    of_first = {
        labels["le"]: value
        for labels, value in found["launchscope_launch_duration_seconds_bucket"]
        if labels["version"] == "1"
    }
    assert (of_first["5.0"], of_first["10.0"], of_first["20.0"], of_first["+Inf"]) == (0, 1, 2, 2)
    sums = {labels["version"]: value for labels, value in found["launchscope_launch_duration_seconds_sum"]}
    assert sums == {"1": pytest.approx(20.001), "2": pytest.approx(0.4)}
    assert sum(value for _, value in found["launchscope_launches_total"]) == 3
    assert {labels["phase"] for labels, _ in found["launchscope_phase_duration_seconds_count"]} == {"load"}
    assert found["launchscope_launch_last_seconds"][0][1] == pytest.approx(0.4)


@pytest.mark.django_db
def test_counts_outlive_the_launches() -> None:
    started(1, 500)
    metrics.count()
    Launch.objects.all().delete()
    started(2, 500)
    metrics.count()
    assert sum(Histogram.objects.get(phase="").counts) == 2


@pytest.mark.django_db(transaction=True)
def test_two_counters_at_once_count_each_launch_once() -> None:
    for n in range(12):
        started(n + 1, 500)
    counted: list[int] = []

    def run() -> None:
        counted.append(metrics.count())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counted) == 12
    assert sum(Histogram.objects.get(phase="").counts) == 12


@pytest.mark.django_db
def test_versions_and_phases_are_bounded(settings: object) -> None:
    settings.METRICS_VERSIONS, settings.METRICS_PHASES = 2, 3  # type: ignore[attr-defined]
    for n in range(4):
        launched(snapshot(*(phase(f"p{m}", n * 1_000_000 + m * 10, 10 + m) for m in range(6)), version=str(n)))
    metrics.count()
    found = scraped()
    assert {labels["version"] for labels, _ in found["launchscope_launch_duration_seconds_sum"]} == {"2", "3"}
    assert {labels["phase"] for labels, _ in found["launchscope_phase_duration_seconds_sum"]} == {"p3", "p4", "p5"}


@pytest.mark.django_db
def test_who_may_scrape(settings: object) -> None:
    assert Client().get("/metrics").status_code == 401
    bound, sends = issue("read", "x"), issue("ingest")
    for token in (bound, sends, "lsr_wrong"):
        assert Client().get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    settings.METRICS_ALLOW = ["10.0.0.0/8"]  # type: ignore[attr-defined]
    assert Client().get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
    assert Client().get("/metrics", REMOTE_ADDR="11.1.2.3").status_code == 401


@pytest.fixture
def rules(db: None) -> list[AlertRule]:
    service = started(1, 500, service="open-autoglm", environment="prod").service
    AlertRule.objects.all().delete()
    made = [AlertRule.objects.create(name=f"{key}", kind=key) for key in alerting.KINDS]
    made.append(AlertRule.objects.create(name=NASTY, kind="launch-limit", service=service, phase="load*/[ab]?"))
    made.append(AlertRule.objects.create(name=NASTY, kind="slo", service=service, for_seconds=90, severity="critical"))
    return made


def test_rules_name_only_what_is_exposed(rules: list[AlertRule]) -> None:
    metrics.count()
    text = metrics.prometheus_rules(rules)
    told = yaml.safe_load(text)["groups"][0]["rules"]
    assert len(told) == len(rules)
    exposed = set(re.findall(r"^# TYPE (\w+)", metrics.exposition({})[0].decode(), re.MULTILINE))
    for rule in told:
        assert set(re.findall(r"launchscope_\w+", re.sub(r'"(\\.|[^"\\])*"', "", rule["expr"]))) <= exposed
    assert told[-1]["for"] == "90s"
    assert told[-1]["labels"]["severity"] == "critical"


def promtool() -> str:
    path = shutil.which("promtool")
    if path is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    return path


def test_promtool_accepts_the_rules(rules: list[AlertRule], tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(metrics.prometheus_rules(rules))
    checked = subprocess.run([promtool(), "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr + checked.stdout
    assert f"{len(rules)} rules found" in checked.stdout


def test_promtool_accepts_the_metrics(rules: list[AlertRule]) -> None:
    metrics.count()
    text = metrics.exposition({"parse": 3})[0]
    checked = subprocess.run([promtool(), "check", "metrics"], input=text, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr + checked.stdout


@pytest.mark.django_db
def test_the_rules_are_served() -> None:
    response = Client().get("/api/v1/rules/prometheus.yaml", headers={"Authorization": f"Bearer {issue('read')}"})
    assert response.status_code == 200
    assert "groups" in yaml.safe_load(response.content)


@pytest.mark.django_db
def test_the_dashboard_asks_only_for_what_is_exposed() -> None:
    started(1, 500)
    metrics.count()
    exposed = set(re.findall(r"^# TYPE (\w+)", metrics.exposition({"parse": 0})[0].decode(), re.MULTILINE))
    dashboard = json.loads((ROOT / "docs" / "grafana-dashboard.json").read_text())
    asked = set(re.findall(r"launchscope_\w+", json.dumps([panel["targets"] for panel in dashboard["panels"]])))
    assert asked
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked} <= exposed


@pytest.mark.django_db
def test_a_launch_that_goes_on_is_counted_when_it_is_over() -> None:
    started(0, 8000)
    going = started(20_000, 3000)
    Launch.objects.filter(pk=going.pk).update(status="running")
    metrics.count()
    found = scraped()
    assert [(labels["status"], value) for labels, value in found["launchscope_launches_total"]] == [("success", 1.0)]
    assert [value for _, value in found["launchscope_launch_last_success"]] == [1.0]
    Launch.objects.filter(pk=going.pk).update(status="failed")
    metrics.count()
    found = scraped()
    assert {labels["status"]: value for labels, value in found["launchscope_launches_total"]} == {
        "success": 1.0,
        "failed": 1.0,
    }
    assert [value for _, value in found["launchscope_launch_last_success"]] == [0.0]


@pytest.mark.django_db
def test_the_dashboard_asks_by_labels_that_there_are_and_names_only_what_it_asked_for() -> None:
    started(1, 500)
    metrics.count()
    has = {name: set(samples[0][0]) for name, samples in scraped().items()}
    for panel in json.loads((ROOT / "docs" / "grafana-dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            asked = set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", target["expr"]))
            kept = {label.strip() for by in re.findall(r"by \(([^)]*)\)", target["expr"]) for label in by.split(",")}
            shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            # Summed over all others, a label that the legend names would be empty.
            assert not kept or shown <= kept, panel["title"]
            for name in set(re.findall(r"launchscope_\w+", target["expr"])) & has.keys():
                assert asked | kept | shown <= has[name], (panel["title"], name)


def test_the_dashboard_has_the_form_that_grafana_imports() -> None:
    dashboard = json.loads((ROOT / "docs" / "grafana-dashboard.json").read_text())
    variables = {one["name"] for one in dashboard["templating"]["list"]}
    assert variables == {"datasource", "service", "environment"}
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _y in cells) < 24
        taken |= cells
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        assert set(re.findall(r"\$(\w+)", "".join(target["expr"] for target in panel["targets"]))) <= variables
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert (len(set(ids)), dashboard["schemaVersion"] >= 30) == (len(ids), True)
    assert dashboard["title"]
