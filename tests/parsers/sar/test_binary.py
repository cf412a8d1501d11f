"""sysstat's binary files: read where sadf is installed, and a sentence where it is not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest

from diagnostics.parsers import Hints, Source, collect, sar, sniff
from diagnostics.parsers.sadf_program import NotConverted, converted
from diagnostics.records import Kind, Parsed, ParseError
from tests.parsers.sar.reports import RECEIVED, parse, series
from tests.parsers.shared_samples import SAMPLES, expected, here_only

HEAD = bytes.fromhex("96d575210c060100") + bytes(500)
has_sadf = pytest.mark.skipif(shutil.which("sadf") is None, reason="sysstat is not installed")


@contextmanager
def without_program(source: Source) -> Iterator[Source | None]:
    yield None


def read(content: bytes) -> Parsed:
    return collect(sar.parse(Source.of(content), Hints(RECEIVED), without_program))


@pytest.mark.parametrize(
    ("magic", "version"),
    [
        ("96d575210c060100", "12.6.1"),
        ("96d573210a030100", "10.3.1"),
        ("96d57121090107ff", "9.1.7.255"),
        ("d59621750c000000", "12.0.0"),
    ],
)
def test_without_sadf_the_sentence_names_the_version_and_the_command(magic: str, version: str) -> None:
    content = bytes.fromhex(magic) + bytes(500)
    assert sniff(content) == Kind.SAR
    with pytest.raises(ParseError, match="binary file") as refused:
        read(content)
    assert refused.value.code == "binary_file"
    assert f"sysstat {version}, and no sadf is installed here" in refused.value.message
    assert "sadf -j FILE -- -A" in refused.value.message


def test_no_program_in_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with converted(Source.of(HEAD)) as source:
        assert source is None


@has_sadf
def test_what_sadf_cannot_read_is_refused_with_its_words() -> None:
    with pytest.raises(NotConverted), converted(Source.of(HEAD)):
        pass
    with pytest.raises(ParseError, match=r"The sadf installed here cannot read this binary file of sysstat 12\.6\.1"):
        parse(HEAD)


def test_a_conversion_without_any_record_is_refused() -> None:
    told = Source.of(b'{"sysstat": {"hosts": [{"nodename": "vm", "statistics": [], "restarts": []}]}}')
    with pytest.raises(ParseError, match=r"finds nothing in this binary file of sysstat 12\.6\.1. Run"):
        collect(sar.parse(Source.of(HEAD), Hints(RECEIVED), lambda _: nullcontext(told)))


@has_sadf
@here_only
def test_a_binary_file_says_what_its_text_says() -> None:
    content = (SAMPLES / "sar" / "rec-main.sa").read_bytes()
    known = expected("sar/rec-main.sa")["sadf_reference"]
    parsed = parse(content)
    found = series(parsed)

    assert found["cpu.idle", "all"][0][0] == known["first_epoch"] * 10**9
    assert found == series(parse((SAMPLES / "sar" / "rec-main.A.C.txt").read_bytes()))
    assert parsed.parser == "sar/1"
    assert parsed.facts["sysstat_version"] == "12.6.1"
    assert (parsed.facts["format"], parsed.facts["cpu_count"], parsed.facts["host"]) == ("binary", 2, "vm")


@has_sadf
@here_only
def test_a_cut_binary_file_gives_the_samples_before_the_cut() -> None:
    content = (SAMPLES / "sar" / "rec-main.sa").read_bytes()
    idle = series(parse(content[: len(content) // 2]))["cpu.idle", "all"]
    assert 10 < len(idle) < 40
