from __future__ import annotations

import pytest

from diagnostics.parsers.snapshot_form import Envelope, envelope
from diagnostics.records import ParseError


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[]", Envelope()),
        (b'{"phases": 7}', Envelope()),
        (b'{"service": "a", "environment": "b", "launch_id": "c"}', Envelope("c", "a", "b")),
        (b'{"service": null}', Envelope()),
    ],
)
def test_envelope(content: bytes, expected: Envelope) -> None:
    assert envelope(content) == expected


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "invalid_json"),
        (b"not json", "invalid_json"),
        (b"[1, 2", "invalid_json"),
        (b"[NaN]", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"a": ' * 100_000, "invalid_json"),
        (b'{"service": "\xff"}', "invalid_json"),
        (b'{"service": "\\ud800"}', "invalid_json"),
        (b"17", "invalid_snapshot"),
        (b'"text"', "invalid_snapshot"),
        (b'{"service": 1}', "invalid_snapshot"),
        (b'{"environment": ["prod"]}', "invalid_snapshot"),
        (b'{"service": "' + b"x" * 201 + b'"}', "invalid_snapshot"),
    ],
)
def test_envelope_refuses(content: bytes, code: str) -> None:
    with pytest.raises(ParseError) as raised:
        envelope(content)
    assert raised.value.code == code
    assert raised.value.where
