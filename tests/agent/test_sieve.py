"""The sieve never holds back a line that a pattern would match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent.profiles import PROFILES
from diagnostics.agent.profiling import matters
from diagnostics.agent.sieve import NEVER, Sieve, words_of

EVERY = sorted(
    {
        pattern
        for profile in PROFILES.values()
        for pattern in (*profile.patterns(), profile.signature)
        if pattern not in ("", NEVER)
    }
)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("a{3}bcd", {"bcd"}),
        ("ab+cdef", {"cdef"}),
        ("x?abc", {"abc"}),
        ("abc(?:defgh)?", {"abc"}),
        ("abc(?:defgh)+", {"defgh"}),
        ("(?i:Hello W)|world", {"hello w", "world"}),
        (r"\bWaiting for .* startup\.", {"waiting for "}),
        (r"took (?P<seconds>\d+(?:\.\d+)?) seconds", {" seconds"}),
        ("[]abc]bcd", {"bcd"}),
        ("abcd(?=efghij)", {"abcd"}),
    ],
)
def test_words_that_every_match_holds(pattern: str, words: set[str]) -> None:
    assert words_of(pattern) == frozenset(words)


@pytest.mark.parametrize("pattern", [r"\d+", "ab|cdef", "(?:foo|b)q", "(?:abc)?", "ab(?=cdef)"])
def test_a_pattern_without_such_words_is_searched_for(pattern: str) -> None:
    assert words_of(pattern) is None
    assert Sieve([pattern]).passes("foo 12 ab abcdef fooq")


def test_no_pattern_of_a_profile_is_without_words() -> None:
    assert [pattern for pattern in EVERY if not words_of(pattern)] == []


@given(st.data())
def test_whatever_a_pattern_matches_passes(data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(EVERY))
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII)))
    assert Sieve([pattern]).passes(text)
    assert matters(text)


def test_ordinary_lines_are_held_back() -> None:
    assert not matters('2026-01-01 00:00:00 INFO: 10.0.0.7:1234 - "GET /metrics HTTP/1.1" 200 OK')
    assert not Sieve([NEVER]).passes("anything")
