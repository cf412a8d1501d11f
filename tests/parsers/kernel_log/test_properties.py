"""Whatever the lines are: nothing breaks, no line is lost, no time is made up."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.parsers.kernel_log import recognise
from diagnostics.records import Parsed, ParseError
from tests.parsers.kernel_log.reading import read
from tests.parsers.kernel_log.test_forms import FORMS
from tests.parsers.kernel_log.test_journal import ENTRY, json_lines

PREFIXES = [before.rpartition("\n")[2] for before, _, _ in FORMS]
TEXTS = [
    "a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0",
    "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name",
    "[13536] 275858 13536  8389663      343   16267  8324326             0 memory monster",
    "[13536] 275858 x",
    "Killed process 1 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB",
    "I/O error, dev , sector 99999999999999999999999",
    "initcall a+0x0/0x1 returned -0 after 99999999999999 usecs",
    "calling  a+0x0/0x1 @ 1",
    "Linux version",
    "setting system clock to (1795429171)",
    "NVRM: Xid (): 1",
]
DAMAGE = st.text("[]<>:;,.+-{}\"' \t\\\x1b\ufffd0199月Nov=_", max_size=12)
LINES = st.lists(
    st.one_of(
        st.builds("{}{}".format, st.sampled_from(PREFIXES), st.sampled_from(TEXTS) | st.text(max_size=20)),
        st.builds("{}{}".format, DAMAGE, st.sampled_from(TEXTS)),
        st.builds(lambda entry, cut: entry[:cut], st.just(json_lines(ENTRY).strip()), st.integers(0, 400)),
        st.sampled_from(
            ["", "-- Reboot --", '{"dmesg": [', "},{", '"pri": 6,', '"msg": "x"', "__CURSOR=s", "MESSAGE", "{", "}"]
        ),
        st.sampled_from(["[Mon Nov 23 11:24:25 9999] x", "[ 9 9 9 99:99:99 9999] x", "9999999999.999999 a kernel: x"]),
        st.sampled_from(
            ["6,1,99999999999999999999,-;x", "[< 999999999.999999>] x", "[Nov23 11:24] x", "[ +999999999.000000] x"]
        ),
        st.text(max_size=30),
    ),
    max_size=12,
)


def read_or_refused(content: bytes) -> Parsed | None:
    try:
        return read(content)
    except ParseError:
        return None


@settings(deadline=None)
@given(LINES)
def test_any_lines_are_read_counted_or_refused(lines: list[str]) -> None:
    content = "\n".join(lines).encode(errors="replace")
    assert recognise(content) in (True, False)
    parsed = read_or_refused(content)
    if parsed is None:
        return
    assert 0 <= parsed.lines.skipped <= parsed.lines.total
    assert parsed.lines.read == parsed.lines.total - parsed.lines.skipped
    assert len(parsed.facts.get("unread", [])) == min(parsed.lines.skipped, 20)
    placed = [event.line or 0 for event in parsed.events]
    assert placed == sorted(placed)
    # What PostgreSQL's 64 bits hold.
    assert all(event.precision > 0 and 0 <= event.time < 2**63 for event in parsed.events)
    assert all(0 <= phase.duration < 2**63 and 0 <= phase.start_time < 2**63 for phase in parsed.phases)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert recognise(content) in (True, False)
    read_or_refused(content)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 999_999)), min_size=1, max_size=20))
def test_stamps_are_read_to_the_microsecond(stamps: list[tuple[int, int]]) -> None:
    events = read("\n".join(f"[{seconds:5d}.{micros:06d}] x" for seconds, micros in stamps)).events
    assert [event.time for event in events] == [(seconds * 10**6 + micros) * 1000 for seconds, micros in stamps]


@settings(deadline=None)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=30))
def test_every_message_is_an_event_of_its_own(texts: list[str]) -> None:
    parsed = read("".join(f"[{n:5d}.000000] {text}\n" for n, text in enumerate(texts)))
    assert [event.text for event in parsed.events] == texts
    assert sum(event.category == "oom_kill" for event in parsed.events) == sum("Killed" in text for text in texts)
