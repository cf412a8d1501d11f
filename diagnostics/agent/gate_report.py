"""A comparison for those who read it: a person at a terminal, a merge request (Markdown), a CI server (JUnit)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET  # only written here
from typing import Any, List, Mapping, Optional, Sequence

from diagnostics.agent import gate
from diagnostics.agent.messages import tr
from diagnostics.agent.tables import LEFT, RIGHT, clean, table
from diagnostics.agent.units import duration

MOST_ROWS = 20  # phases in a text; a launch may have 100,000
MOST_CASES = 1000  # phases as test cases
MOST_CHANGES, MOST_TEXT = 5, 80  # fields that differ, and characters of a value


def words(told: str) -> str:
    return {
        gate.REGRESSED: tr("slower"),
        gate.IMPROVED: tr("faster"),
        gate.UNCHANGED: tr("unchanged"),
        gate.UNKNOWN: tr("cannot tell"),
    }.get(told, told)


def text(document: Mapping[str, Any], told: str) -> str:
    columns = [(title, side) for title, side in zip(_titles(), (LEFT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT))]
    lines = [
        gate.sentence(document, told),
        *_headline(document),
        "",
        table(columns, [_cells(delta) for delta in _shown(document)]),
    ]
    return "\n".join([*lines, *_notes(document)])


def markdown(document: Mapping[str, Any], told: str) -> str:
    sign = {gate.REGRESSED: "❌", gate.UNKNOWN: "❔"}.get(told, "✅")
    rows = [_titles(), ["---", "--:", "--:", "--:", "--:", "---"]]
    rows += [[_escaped(cell) for cell in _cells(delta)] for delta in _shown(document)]
    lines = [f"### {sign} {gate.sentence(document, told)}", ""]
    lines += [part for sentence in _headline(document) for part in (_escaped(sentence), "")]
    lines += [*("| " + " | ".join(row) + " |" for row in rows), ""]
    return "\n".join([*lines, *map(_escaped, _notes(document))])


def junit(document: Mapping[str, Any], told: str) -> str:
    """The total and each phase is a test; slower ones fail, what cannot be told is skipped."""
    cases = [document["total"], *document["phases"][:MOST_CASES]]
    verdicts = [delta["verdict"] for delta in cases]
    suite = ET.Element(
        "testsuite",
        name="launchscope",
        tests=str(len(cases)),
        failures=str(verdicts.count(gate.REGRESSED)),
        errors="0",
        skipped=str(verdicts.count(gate.UNKNOWN)),
    )
    ET.SubElement(suite, "properties").append(ET.Element("property", name="verdict", value=told))
    for delta in cases:
        name = _xml(_name(delta["phase"]))
        case = ET.SubElement(suite, "testcase", classname="launch", name=name, time=f"{_seconds(delta):.9f}")
        message = "  ".join(_cells(delta)[1:])
        if delta["verdict"] == gate.REGRESSED:
            ET.SubElement(case, "failure", message=message, type=gate.REGRESSED)
        elif delta["verdict"] == gate.UNKNOWN:
            ET.SubElement(case, "skipped", message=message)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode")


def _seconds(delta: Mapping[str, Any]) -> float:
    return float(delta["candidate_ns"] or 0) / 10**9


def _shown(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The total, and the phases that changed for sure, the slower ones first."""
    phases = document["phases"]
    slower = [delta for delta in phases if delta["verdict"] == gate.REGRESSED]
    faster = [delta for delta in phases if delta["verdict"] == gate.IMPROVED]
    return [document["total"], *[*slower, *faster][:MOST_ROWS]]


def _titles() -> List[str]:
    return [tr("phase"), tr("before"), tr("after"), tr("change"), tr("95 % interval"), tr("verdict")]


def _cells(delta: Mapping[str, Any]) -> List[str]:
    low, high = delta["low"], delta["high"]
    return [
        _name(delta["phase"]),
        _time(delta["baseline_ns"]),
        _time(delta["candidate_ns"]),
        _change(delta["ratio"]),
        "–" if low is None or high is None else f"{_change(low)} … {_change(high)}",
        words(delta["verdict"]),
    ]


def _name(phase: Optional[str]) -> str:
    return tr("total") if phase is None else phase.replace("~1", "/").replace("~0", "~")


def _time(nanoseconds: Optional[int]) -> str:
    return "–" if nanoseconds is None else duration(nanoseconds)


def _change(ratio: Optional[float]) -> str:
    return "–" if ratio is None else f"{(ratio - 1) * 100:+.1f} %"


def _notes(document: Mapping[str, Any]) -> List[str]:
    phases = document["phases"]
    shown = len(_shown(document)) - 1
    changed = sum(delta["verdict"] in (gate.REGRESSED, gate.IMPROVED) for delta in phases)
    unsure = sum(delta["verdict"] == gate.UNKNOWN for delta in phases)
    failed = sum(document[side].get("failed", 0) for side in ("baseline", "candidate"))
    counts = [gate.launches(document, side) for side in ("baseline", "candidate")]
    told = [tr("{before} launches before, {after} after; {count} phases compared",
               before=counts[0], after=counts[1], count=len(phases))]  # fmt: skip
    if changed > shown:
        told.append(tr("phases that changed and are not shown: {count}", count=changed - shown))
    if unsure:
        told.append(tr("phases of which too few launches tell: {count}", count=unsure))
    if failed and "headline" in document:
        told.append(tr("counted as longer than seen, since they did not become ready: {count}", count=failed))
    elif failed:
        told.append(tr("left out, since they did not become ready: {count}", count=failed))
    return [*told, *document.get("notes", []), *_differences(document)]


def _headline(document: Mapping[str, Any]) -> List[str]:
    """By how much and where, in the server's words; there are none of files."""
    return [clean(document["headline"])] if document.get("headline") else []


def _differences(document: Mapping[str, Any]) -> List[str]:
    """What else is different about the candidate's launches, as the server ranks it."""
    differs = [one for one in document.get("what_changed", []) if one["baseline"] is not None]
    told = [f"{one['field']} {_short(one['baseline'])} → {_short(one['candidate'])}" for one in differs[:MOST_CHANGES]]
    return [tr("what differs: {list}", list="; ".join(told))] if told else []


def _short(text: str) -> str:
    text = clean(text) or tr("(none)")
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"


def _escaped(cell: str) -> str:
    """Names come from anywhere: they must not end the cell, nor become markup of the page it is shown on."""
    kept = clean(cell).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#!|~@])", r"\\\1", kept)


def _xml(name: str) -> str:
    """XML 1.0 has no control characters and no half of a surrogate pair."""
    return "".join(c if c.isprintable() and c not in "\ufffe\uffff" else " " for c in name)
