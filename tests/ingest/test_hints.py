"""What the query says beside a file: checked at the door, and used by the parser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from diagnostics.ingest import Evidence, Packed, UploadError, accept_evidence
from diagnostics.ingest.hints import boot_time_of, check_hints, year_of, zone_of
from diagnostics.models import Artifact, EventRecord
from tests.ingest.sending import send_file

NOW = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("", UTC),
        ("UTC", UTC),
        ("Z", UTC),
        ("+08:00", timezone(timedelta(hours=8))),
        (" 08:00", timezone(timedelta(hours=8))),  # a plus in a URL
        ("+0530", timezone(timedelta(hours=5, minutes=30))),
        ("-03", timezone(timedelta(hours=-3))),
        ("UTC+2", timezone(timedelta(hours=2))),
        ("Asia/Shanghai", ZoneInfo("Asia/Shanghai")),
        ("Europe/Berlin", ZoneInfo("Europe/Berlin")),
    ],
)
def test_zones(text: str, zone: tzinfo) -> None:
    assert zone_of(text) == zone


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"tz": "Mars/Olympus"}, "tz"),
        ({"tz": "../../etc/passwd"}, "tz"),
        ({"tz": "/etc/localtime"}, "tz"),
        ({"tz": "Europe"}, "tz"),
        ({"tz": "+25:00"}, "tz"),
        ({"tz": "+08:75"}, "tz"),
        ({"year": "26"}, "year"),
        ({"year": "1969"}, "year"),
        ({"year": "2027"}, "year"),
        ({"year": "２０２６"}, "year"),
        ({"boot_time": "yesterday"}, "boot_time"),
        ({"boot_time": "2026-11-23T10:00:00"}, "boot_time"),
        ({"boot_time": "-5"}, "boot_time"),
        ({"boot_time": "2027-11-23T10:00:00Z"}, "boot_time"),
    ],
    ids=str,
)
def test_wrong_hints_say_what_to_write(given: dict[str, str], where: str) -> None:
    with pytest.raises(UploadError) as raised:
        check_hints(given, NOW)
    assert (raised.value.code, raised.value.where) == ("invalid_parameter", where)
    assert "write" in raised.value.message or "at which" in raised.value.message


def test_good_hints() -> None:
    assert year_of("2025", NOW) == 2025
    assert boot_time_of("2026-11-23T10:00:00Z", NOW) == NOW - 7200 * 10**9
    assert boot_time_of(str(NOW), NOW) == NOW
    assert (year_of("", NOW), boot_time_of("", NOW)) == (None, None)


@pytest.mark.django_db
def test_a_wrong_hint_stores_nothing() -> None:
    with pytest.raises(UploadError):
        accept_evidence(Evidence(Packed.of(b"[    1.000000] usb 1-1: new device\n"), "kernel-log", tz="Mars"))
    assert not Artifact.objects.exists()


LINES = b"".join(b"Nov 20 10:00:0%d gpu-07 kernel: [  %d.000000] Linux version 6.1.0\n" % (n, n) for n in range(3))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hints", "first"),
    [
        ({"year": "2024"}, "2024-11-20T10:00:00+00:00"),
        ({"tz": "+08:00", "year": "2024"}, "2024-11-20T02:00:00+00:00"),
        ({"tz": "America/New_York", "year": "2025"}, "2025-11-20T15:00:00+00:00"),
    ],
    ids=str,
)
def test_parsers_are_told(hints: dict[str, str], first: str) -> None:
    artifact = send_file(LINES, "kernel-log", **hints)
    assert artifact.state == "parsed", artifact.error
    assert artifact.first_ns is not None
    assert datetime.fromtimestamp(artifact.first_ns / 10**9, UTC).isoformat() == first


@pytest.mark.django_db
def test_the_same_file_with_better_hints_is_read_again() -> None:
    sent: dict[str, Any] = {"kind": "kernel-log", "host": "gpu-07"}
    first = send_file(LINES, **sent)
    again = send_file(LINES, year="2024", **sent)
    assert (again.pk, again.state) == (first.pk, "parsed")
    assert again.first_ns != first.first_ns
    assert (again.previous or {})["counts"] == first.counts
    assert EventRecord.objects.filter(artifact=again).count() == first.counts["events"]
    assert send_file(LINES, year="2024", **sent).previous == again.previous, "nothing new, nothing done"
