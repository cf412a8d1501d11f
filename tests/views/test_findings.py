"""Findings on the launch page, as the rules make them of real evidence."""

from __future__ import annotations

import re

from django.test import Client

from diagnostics.models import Finding, Launch
from diagnostics.records import NS_PER_SECOND as S
from tests.data.snapshots import T0
from tests.views.evidence_files import TROUBLE, sent, slow_launch


def page_of(client: Client, launch: Launch) -> str:
    return client.get(f"/launches/{launch.pk}/").content.decode()


def test_what_the_rules_find_is_on_the_page_with_its_line(viewer: Client) -> None:
    launch = slow_launch()
    log = sent("kernel-log", TROUBLE)
    launch.refresh_from_db()
    found = launch.findings.get(reason="device-io-errors")
    page = page_of(viewer, launch)
    assert found.text in page
    assert launch.diagnosis in page
    assert f'href="/artifacts/{log.pk}/lines/?line=2#line-2"' in page


def test_a_card_has_numbers_confidence_advice_patch_and_place(viewer: Client) -> None:
    launch = slow_launch()
    log = sent("kernel-log", TROUBLE)
    Finding.objects.filter(launch=launch).delete()
    proof = {"artifact": str(log.pk), "line": 2, "time": T0 + 20 * S, "text": "<b>the disk</b> said so"}
    launch.findings.create(
        position=0,
        reason="made-for-this-test",
        layer="storage",
        severity="warning",
        text="The weights were read slowly.",
        phase="weights@TP0",
        expected=610e6,
        actual=145e6,
        unit="bytes/s",
        confidence=0.9,
        cost_ns=30 * S,
        evidence_for=[proof],
        evidence_against=[{"text": "The CPUs were idle.", "artifact": None, "line": None, "time": None}],
        advice="Keep them on a local disk.",
        patch="spec:\n  x: <1>\n",
    )
    page = page_of(viewer, launch)
    for shown in ("610 MB/s", "145 MB/s", "high confidence", "Keep them on a local disk.", "The CPUs were idle."):
        assert shown in page
    assert "&lt;b&gt;the disk&lt;/b&gt; said so" in page
    assert "x: &lt;1&gt;" in page
    assert 'data-copy="patch-0"' in page
    place = re.search(r'data-zoom-from="(\d+)" data-zoom-to="(\d+)" data-zoom-path="weights@TP0"', page)
    assert place
    assert (int(place[1]), int(place[2])) == (T0 + 6 * S, T0 + 54 * S), "a tenth of its 40 s to either side"


def test_memory_is_told_as_limits_are_set(viewer: Client) -> None:
    launch = slow_launch()
    launch.findings.all().delete()
    said = {"reason": "r", "layer": "memory", "severity": "notice", "text": "Little memory.", "confidence": 0.2}
    launch.findings.create(position=0, actual=2**34, unit="bytes", **said)
    page = page_of(viewer, launch)
    assert "16 GiB" in page
    assert "low confidence" in page


def test_a_finding_whose_phase_or_file_is_gone_is_still_told(viewer: Client) -> None:
    launch = slow_launch()
    launch.findings.all().delete()
    gone = {"artifact": "00000000-0000-4000-8000-00000000dead", "line": 3, "time": None, "text": "It was there."}
    said = {"layer": "cpu", "severity": "critical", "text": "Gone.", "phase": "never/was", "confidence": 0.5}
    launch.findings.create(position=0, reason="r", evidence_for=[gone], **said)
    page = page_of(viewer, launch)
    assert "It was there." in page
    assert "data-zoom-path" not in page


def test_the_fact_that_decided_the_start_class_stands_with_it(viewer: Client) -> None:
    launch = slow_launch()
    Launch.objects.filter(pk=launch.pk).update(start_class="cold", start_class_facts={"text": "The image was pulled."})
    page = page_of(viewer, launch)
    assert "The image was pulled." in page
    assert "cold" in page
