"""The page of a file, its lines, and reading it again."""

from __future__ import annotations

import re

from django.test import Client

from diagnostics import ingest
from diagnostics.models import Artifact, ArtifactContent
from tests.views.conftest import received, work
from tests.views.evidence_files import EVENTS, TROUBLE, pings, samples, sent, slow_launch
from tests.views.test_services import HTMX


def test_the_page_says_what_was_read_and_what_was_not(viewer: Client) -> None:
    artifact = sent("ping", pings("what is <b>this</b>"))
    page = viewer.get(f"/artifacts/{artifact.pk}/").content.decode()
    assert artifact.parser in page
    assert "3 of 4" in page
    assert "what is &lt;b&gt;this&lt;/b&gt;" in page
    assert f"/artifacts/{artifact.pk}/lines/?line=4#line-4" in page
    assert f"/api/v1/artifacts/{artifact.pk}/raw" in page


def test_its_records_are_previewed(viewer: Client) -> None:
    launch = slow_launch()
    log = sent("kernel-log", TROUBLE)
    assert "Buffer I/O error on dev sda1" in viewer.get(f"/artifacts/{log.pk}/").content.decode()
    pod, host = sent("k8s-events", EVENTS, launch), sent("host-samples", samples(), launch)
    assert "image-pull registry/model" in viewer.get(f"/artifacts/{pod.pk}/").content.decode()
    assert "cpu.iowait" in viewer.get(f"/artifacts/{host.pk}/").content.decode()
    snapshot = launch.artifacts.get(kind="snapshot")
    assert "warm-up" in viewer.get(f"/artifacts/{snapshot.pk}/").content.decode()


def test_a_rejected_file_says_why(viewer: Client) -> None:
    artifact = sent("host-samples", b'{"times": [3, 1], "series": [], "interval_ns": 1}')
    page = viewer.get(f"/artifacts/{artifact.pk}/").content.decode()
    assert "rejected" in page
    assert "$.times[1]" in page or "$.times" in page


def test_the_line_that_is_asked_for_is_marked_among_its_neighbours(viewer: Client) -> None:
    artifact = sent("kernel-log", TROUBLE)
    whole = viewer.get(f"/artifacts/{artifact.pk}/lines/?line=2").content.decode()
    (marked,) = re.findall(r'<li id="line-(\d+)" value="\d+" class="ls-asked"', whole)
    assert marked == "2"
    assert len(re.findall(r'<li id="line-', whole)) == 4
    part = viewer.get(f"/artifacts/{artifact.pk}/lines/?line=2", headers=HTMX).content.decode()
    assert "<html" not in part
    assert 'class="ls-asked"' in part
    beyond = viewer.get(f"/artifacts/{artifact.pk}/lines/?line=900").content.decode()
    assert "The file has no line 900" in beyond


def test_lines_of_a_file_that_is_gone(viewer: Client) -> None:
    artifact = sent("kernel-log", TROUBLE)
    ArtifactContent.objects.filter(artifact_id=artifact.pk).delete()
    assert "no longer kept" in viewer.get(f"/artifacts/{artifact.pk}/lines/").content.decode()


def test_reading_again_shows_the_difference(editor: Client) -> None:
    artifact = sent("ping", pings("what is this"))
    # As if an older parser had understood less.
    Artifact.objects.filter(pk=artifact.pk).update(
        parser="ping/0", lines={"total": 4, "read": 1, "skipped": 3}, counts={"samples": 1}
    )
    answer = editor.post(f"/artifacts/{artifact.pk}/reparse", follow=True).content.decode()
    assert "waits for a worker" in answer
    ingest.parse(artifact.pk)
    page = editor.get(f"/artifacts/{artifact.pk}/").content.decode()
    assert f"ping/0 → {artifact.parser}" in page
    rows = re.findall(r'<th scope="row" class="fw-normal">(\w+)</th><td>(\d+)</td><td>(\d+)</td><td>(.+?)</td>', page)
    assert ("read", "1", "3", "+2") in rows
    assert ("skipped", "3", "1", "−2") in rows
    assert ("total", "4", "4", "±0") in rows


def test_reading_again_needs_an_editor_and_the_bytes(viewer: Client, editor: Client) -> None:
    artifact = sent("kernel-log", TROUBLE)
    assert "Read again" not in viewer.get(f"/artifacts/{artifact.pk}/").content.decode()
    assert viewer.post(f"/artifacts/{artifact.pk}/reparse").status_code == 403
    assert editor.get(f"/artifacts/{artifact.pk}/reparse").status_code == 405
    ArtifactContent.objects.filter(artifact_id=artifact.pk).delete()
    answer = editor.post(f"/artifacts/{artifact.pk}/reparse", follow=True).content.decode()
    assert "no longer kept" in answer


def test_a_refused_snapshot_has_a_page_too(viewer: Client) -> None:
    accepted = received([{"phase": "x", "start_time": 5, "duration_ns": -1, "status": "success"}], service="s")
    work(accepted)
    assert "rejected" in viewer.get(f"/artifacts/{accepted.artifact}/").content.decode()
