"""The catalogue of Chinese texts: what is compiled is what is written, and nothing of reports stays English."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message

from requirements import messages

REPORTS = (
    "diagnostics/reporting/",
    "templates/mail/",
    "templates/reports/",
    "diagnostics/forms/reports.py",
    "diagnostics/views/reports.py",
    "diagnostics/views/schedules.py",
    "diagnostics/models/report.py",
)
KEPT = messages.kept()


def of_reports() -> list[Message]:
    own = [one for one in messages.found() if any(place.startswith(REPORTS) for place, _ in one.locations)]
    assert len(own) > 100
    return own


def test_what_is_compiled_is_what_is_written() -> None:
    assert messages.PO.with_suffix(".mo").read_bytes() == messages.compile_catalog(KEPT)


@pytest.mark.parametrize("one", of_reports(), ids=lambda one: str(one.id)[:50])
def test_every_text_of_reports_is_translated(one: Message) -> None:
    key = one.id[0] if isinstance(one.id, tuple) else one.id
    translation = KEPT.get(key, one.context)
    assert translation is not None
    assert messages.translated(translation)


@pytest.mark.parametrize(
    "one", [one for one in KEPT if one.id and messages.translated(one)], ids=lambda one: str(one.id)[:50]
)
def test_no_value_is_lost_in_translation(one: Message) -> None:
    english = one.id if isinstance(one.id, tuple) else (one.id,)
    chinese = one.string if isinstance(one.string, tuple) else (one.string,)
    for text in chinese:
        assert set(re.findall(r"%\(\w+\)[sd]", str(text))) == set(re.findall(r"%\(\w+\)[sd]", str(english[-1])))
