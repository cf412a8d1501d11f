"""How well files are understood."""

from __future__ import annotations

import re

from django.test import Client

from tests.views.evidence_files import pings, samples, sent
from tests.views.test_queries import questions


def test_match_rates_are_by_kind_and_parser(viewer: Client) -> None:
    sent("ping", pings("what is this"))  # three of four lines
    clean = sent("ping", pings())
    sent("host-samples", b'{"times": [3, 1], "series": [], "interval_ns": 1}')
    page = viewer.get("/parsers/").content.decode()
    (row,) = re.findall(
        rf'<tr><th scope="row" class="fw-normal">ping</th><td>{clean.parser}</td>.*?</tr>', page, re.DOTALL
    )
    assert "86 %" in row
    assert 'max="7" value="6"' in row
    refused = re.search(r'<tr><th scope="row" class="fw-normal">host-samples</th>.*?</tr>', page, re.DOTALL)
    assert refused
    assert "1</strong>" in refused[0]


def test_the_worst_files_come_first_with_what_was_not_understood(viewer: Client) -> None:
    some, most = sent("ping", pings("what is this")), sent("ping", pings("so", "many", "odd", "lines"))
    sent("host-samples", samples())
    page = viewer.get("/parsers/").content.decode()
    worst = page[page.index("Files understood worst") :]
    assert worst.index(str(most.pk)) < worst.index(str(some.pk))
    assert "what is this" in worst
    assert "host-samples" not in worst


def test_nothing_sent_and_everything_understood(viewer: Client) -> None:
    assert "No file was sent yet" in viewer.get("/parsers/").content.decode()
    sent("host-samples", samples())
    assert "Every line was understood" in viewer.get("/parsers/").content.decode()


def test_questions_do_not_grow_with_files(viewer: Client) -> None:
    sent("ping", pings("what"))
    few = questions(viewer, "/parsers/")
    for number in range(5):
        sent("ping", pings(f"odd line {number}"))
    assert questions(viewer, "/parsers/") == few <= 12
