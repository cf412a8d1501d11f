from __future__ import annotations

from typing import Any

import pytest

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.snapshot import MAX_PHASES, parse
from diagnostics.parsers.snapshot_form import envelope
from diagnostics.records import HostFacts, Parsed, ParseError, PhaseStatus
from tests.data.snapshots import MS, T0, encoded, large, phase, snapshot

HINTS = Hints(received_at=T0 + 3_600_000 * MS, version="1.0", host="from-query")
SECOND = "$.phases[1]"


def read(document: Any) -> Parsed:
    return parse(encoded(document), HINTS)


def refused(document: Any, where: str, code: str = "invalid_snapshot") -> ParseError:
    with pytest.raises(ParseError) as raised:
        parse(document if isinstance(document, bytes) else encoded(document), HINTS)
    assert (raised.value.code, raised.value.where) == (code, where), raised.value.message
    assert raised.value.message
    return raised.value


def test_minimal_form() -> None:
    parsed = read([phase("a", 0, 10), phase("b", 10, 0, status="failed")])

    assert [(p.name, p.start_time, p.duration, p.status) for p in parsed.phases] == [
        ("a", T0, 10 * MS, PhaseStatus.SUCCESS),
        ("b", T0 + 10 * MS, 0, PhaseStatus.FAILED),
    ]
    assert (parsed.version, parsed.host) == ("1.0", HostFacts("from-query"))
    assert parsed.facts == {"form": "minimal"}


def test_full_form_says_more_than_the_query() -> None:
    host = {"name": "gpu-07", "boot_id": "b", "boot_time": "2025-11-24T15:00:00Z"}
    parsed = read(snapshot(phase("a"), version="2.0", host=host, labels={"gpu": "H100"}, milestones={"health_ok": T0}))

    assert parsed.version == "2.0"
    assert parsed.host == HostFacts("gpu-07", "b", T0 - 3_600_000 * MS)
    assert (parsed.labels, parsed.milestones) == ({"gpu": "H100"}, {"health_ok": T0})


def test_both_ways_to_write_an_instant() -> None:
    parsed = read([phase("a") | {"start_time": "2025-11-24T16:00:00.000000001Z"}, phase("b")])
    assert [p.start_time for p in parsed.phases] == [T0 + 1, T0]


def test_unknown_fields_are_ignored() -> None:
    assert read(snapshot(phase("a", whatever=[1]), later={"x": None})).phases == read(snapshot(phase("a"))).phases


@pytest.mark.parametrize("head", [b"\xef\xbb\xbf", b"\xef\xbb\xbf \n\t", b" \r\n"])
@pytest.mark.parametrize("document", [[phase("a")], snapshot(phase("a"))])
def test_byte_order_mark_and_white_space(head: bytes, document: Any) -> None:
    content = head + encoded(document) + b"\n"
    assert len(parse(content, HINTS).phases) == 1
    assert envelope(content).service == (None if isinstance(document, list) else "open-autoglm")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "加载模型", "a/b~c#2", "\t", "🚀" * 500, "null"])
def test_any_name(name: str) -> None:
    assert read([phase(name)]).phases[0].name == name


def test_references_by_id_and_by_unique_name() -> None:
    parsed = read(
        snapshot(
            phase("a", id="p1"),
            phase("b", parent="p1"),
            phase("c", depends_on=["b", "p1"]),
            phase("d", parent="a"),
            phase("e", parent=None),
            phase("f"),
        )
    )

    assert [(p.parent, p.is_root, p.depends_on) for p in parsed.phases] == [
        (None, False, ()),
        (0, False, ()),
        (None, False, (1, 0)),
        (0, False, ()),
        (None, True, ()),
        (None, False, ()),
    ]


def test_an_id_beats_a_name() -> None:
    assert read([phase("x"), phase("b", id="x"), phase("c", parent="x")]).phases[2].parent == 1


@pytest.mark.parametrize(
    ("phases", "where", "code"),
    [
        ([phase("a", id="p"), phase("b", id="p")], f"{SECOND}.id", "duplicate_id"),
        ([phase("a"), phase("b", parent="nobody")], f"{SECOND}.parent", "unknown_id"),
        ([phase("a"), phase("b", parent="")], f"{SECOND}.parent", "unknown_id"),
        ([phase("a"), phase("b", depends_on=["a", "nobody"])], f"{SECOND}.depends_on", "unknown_id"),
        ([phase("a"), phase("b", parent="a"), phase("a")], f"{SECOND}.parent", "unknown_id"),
        ([phase("a", id="1"), phase("b", parent="a"), phase("a")], f"{SECOND}.parent", "unknown_id"),
    ],
)
def test_references_that_lead_nowhere(phases: list[Any], where: str, code: str) -> None:
    refused(snapshot(*phases), where, code)
    refused(phases, where.replace("$.phases", "$"), code)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"phase": ""}, ".phase"),
        ({"phase": "x" * 501}, ".phase"),
        ({"phase": None}, ".phase"),
        ({"phase": 7}, ".phase"),
        ({"start_time": 1.5}, ".start_time"),
        ({"start_time": True}, ".start_time"),
        ({"start_time": None}, ".start_time"),
        ({"duration_ns": -1}, ".duration_ns"),
        ({"duration_ns": 2**63}, ".duration_ns"),
        ({"duration_ns": 10**40}, ".duration_ns"),
        ({"duration_ns": "10"}, ".duration_ns"),
        ({"duration_ns": 1.5}, ".duration_ns"),
        ({"duration_ns": False}, ".duration_ns"),
        ({"status": "ok"}, ".status"),
        ({"status": None}, ".status"),
        ({"id": ""}, ".id"),
        ({"id": 3}, ".id"),
        ({"parent": 3}, ".parent"),
        ({"depends_on": "a"}, ".depends_on"),
        ({"depends_on": [None]}, ".depends_on[0]"),
        ({"lane": "x" * 201}, ".lane"),
        ({"lane": None}, ".lane"),
        ({"attributes": []}, ".attributes"),
    ],
)
def test_wrong_types_of_a_phase(change: dict[str, Any], where: str) -> None:
    bad = phase("b") | change
    refused(snapshot(phase("a"), bad), SECOND + where)
    refused([phase("a"), bad], "$[1]" + where)


@pytest.mark.parametrize("missing", ["phase", "start_time", "duration_ns", "status"])
def test_missing_keys(missing: str) -> None:
    bad = {key: value for key, value in phase("b").items() if key != missing}
    assert missing in refused([phase("a"), bad], "$[1]").message
    assert missing in refused(snapshot(phase("a"), bad), SECOND).message


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"schema": 2}, "$.schema"),
        ({"schema": "1"}, "$.schema"),
        ({"phases": None}, "$.phases"),
        ({"phases": {}}, "$.phases"),
        ({"phases": [[]]}, "$.phases[0]"),
        ({"service": "x" * 201}, "$.service"),
        ({"service": 1}, "$.service"),
        ({"version": "x" * 501}, "$.version"),
        ({"host": "gpu-07"}, "$.host"),
        ({"host": {}}, "$.host"),
        ({"host": {"name": ""}}, "$.host.name"),
        ({"labels": {"a": 1}}, "$.labels.a"),
        ({"labels": []}, "$.labels"),
        ({"config": {"a": "1"}}, "$.config.a"),
        ({"milestones": {"ready": None}}, "$.milestones.ready"),
        ({"events": [{"time": T0}]}, "$.events[0]"),
        ({"events": [{"time": T0, "text": 1}]}, "$.events[0].text"),
    ],
)
def test_wrong_types_around_the_phases(more: dict[str, Any], where: str) -> None:
    refused(snapshot(phase("a")) | more, where)


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"milestones": {"ready": -1}}, "$.milestones.ready"),
        ({"events": [{"time": T0 * 1000, "text": ""}]}, "$.events[0].time"),
        ({"host": {"name": "h", "boot_time": -1}}, "$.host.boot_time"),
        ({"host": {"name": "h", "boot_time": 10**30}}, "$.host.boot_time"),
        ({"phases": [phase("a", -(T0 // MS) - 1)]}, "$.phases[0].start_time"),
        ({"phases": [phase("a", 26 * 3_600_000)]}, "$.phases[0].start_time"),
    ],
)
def test_clocks_that_cannot_be_right(more: dict[str, Any], where: str) -> None:
    refused(snapshot(phase("a")) | more, where, "implausible_time")


def test_a_phase_may_not_end_beyond_64_bits() -> None:
    refused([phase("a") | {"duration_ns": 2**63 - T0}], "$[0].duration_ns", "invalid_artifact")
    assert read([phase("a") | {"duration_ns": 2**63 - 1 - T0}]).phases[0].end_time == 2**63 - 1


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "line 1, column 0"),
        (b"<html>", "line 1, column 1"),
        (b"[{]", "line 1, column 3"),
        (b"[] []", "line 1, column 4"),
        (b'[{"phase": "a",\n "start_time": NaN}]', "line 2, column 16"),
        (b'[{"duration_ns": Infinity}]', "line 1, column 18"),
        (b'{"phases": [],\n "phases": []}', "line 2, column 11"),
        (b'[{"phase": "a", "phase": "b"}]', "line 1, column 25"),
        (b'{"labels": {"a": "\xff\xfe"}, "phases": []}', "line 1, column 19"),
        (b'{"labels": {"a": "\\ud800"}, "phases": []}', "line 1, column 25"),
        (b"[" * 100_000, "line 1, column 202"),
        (b'{"a": ' + b"9" * 5000 + b"}", "line 1, column 4308"),
        ("[]".encode("utf-16"), "line 1, column 1"),
    ],
    ids=[
        "empty",
        "html",
        "broken",
        "two documents",
        "nan",
        "infinity",
        "duplicate key",
        "duplicate key in a phase",
        "utf-8",
        "lone surrogate",
        "nesting",
        "digits",
        "utf-16",
    ],
)
def test_what_is_not_json(content: bytes, where: str) -> None:
    refused(content, where, "invalid_json")


@pytest.mark.parametrize("document", [None, 1, "text", True])
def test_json_of_another_kind(document: Any) -> None:
    refused(document, "$")


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (snapshot(phase("a\0b")), "$.phases[0].phase"),
        (snapshot(phase("a", attributes={"x": [{"y": "\0"}]})), "$.phases[0].attributes.x[0].y"),
        (snapshot(phase("a"), labels={"k\0": "v"}), "$.labels"),
        ([phase("a"), phase("b", lane="\0")], "$[1].lane"),
    ],
)
def test_nul_characters_cannot_be_stored(document: Any, where: str) -> None:
    refused(document, where, "invalid_text")


def test_an_escaped_backslash_is_no_nul() -> None:
    assert read([phase("a\\u0000b")]).phases[0].name == "a\\u0000b"


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (b'{"config": {"TIMEOUT": {"actual": 1e999}}, "phases": []}', "$.config.TIMEOUT.actual"),
        (
            encoded([phase("a", attributes={"rates": [1.0, {"x": 0}]})]).replace(b'"x": 0', b'"x": -1e400'),
            "$[0].attributes.rates[1].x",
        ),
    ],
)
def test_numbers_that_no_float_holds(document: bytes, where: str) -> None:
    refused(document, where, "invalid_number")


def test_a_launch_has_a_most_of_phases(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_PHASES == 1_000_000
    monkeypatch.setattr("diagnostics.parsers.snapshot.MAX_PHASES", 3)
    assert len(read([phase("a")] * 3).phases) == 3
    assert "4 phases" in refused([phase("a")] * 4, "$", "invalid_artifact").message


def test_ten_thousand_phases() -> None:
    assert [p.position for p in read(large(10_000)).phases] == list(range(10_000))
