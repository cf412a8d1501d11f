from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.snapshot import parse
from diagnostics.records import ParseError
from tests.data.strategies import LATEST, snapshots

HINTS = Hints(received_at=LATEST)


@settings(deadline=None, max_examples=50)
@given(snapshots(), st.booleans())
def test_what_is_sent_is_what_is_read(document: dict[str, Any], ascii_only: bool) -> None:
    parsed = parse(json.dumps(document, ensure_ascii=ascii_only).encode(), HINTS)

    ids = [p.id for p in parsed.phases]
    again = [
        {
            "phase": p.name,
            "start_time": p.start_time,
            "duration_ns": p.duration,
            "status": p.status,
            "id": p.id,
            "depends_on": [ids[position] for position in p.depends_on],
            "lane": p.lane,
            "attributes": p.attributes,
            **({"parent": ids[p.parent]} if p.parent is not None else {"parent": None} if p.is_root else {}),
        }
        for p in parsed.phases
    ]
    assert again == document["phases"]
    assert [p.position for p in parsed.phases] == list(range(len(again)))
    assert (parsed.labels, parsed.milestones) == (document["labels"], document["milestones"])
    assert [{"time": e.time, "text": e.text, "source": e.source} for e in parsed.events] == document["events"]


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_sentence(content: bytes) -> None:
    refusal = None
    try:
        parse(content, HINTS)
    except ParseError as error:
        refusal = error
    assert refusal is None or (refusal.message and refusal.where)
