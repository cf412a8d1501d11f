"""Archives: what is in them, and everything that must not get out of them."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.ingest import UploadError, archive
from diagnostics.ingest.archive import Member, members
from diagnostics.ingest.content import unpacked

FILES = {"dmesg.txt": b"[    1.000000] a\n", "sar/sa23.txt": b"Linux\n" * 1000, "empty": b"", "名.log": b"\xff"}


def tar(files: dict[str, bytes], *, more: list[tarfile.TarInfo] | None = None, form: int = tarfile.PAX_FORMAT) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as whole:
        for entry in more or []:
            whole.addfile(entry)
        for name, content in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            whole.addfile(about, io.BytesIO(content))
    return packed.getvalue()


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as whole:
        for name, content in files.items():
            whole.writestr(name, content)
    return packed.getvalue()


def contents(found: list[Member]) -> dict[str, bytes]:
    return {one.name: unpacked(one.content.data, one.content.size) for one in found if one.content}


def errors(found: list[Member]) -> dict[str, str]:
    return {one.name: one.error for one in found if one.content is None}


def told(raw: bytes) -> list[Member] | UploadError:
    try:
        return members(raw)
    except UploadError as error:
        return error


FORMS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "tar": tar,
    "gnu tar": lambda files: tar(files, form=tarfile.GNU_FORMAT),
    "tar.gz": lambda files: gzip.compress(tar(files)),
    "tar.zst": lambda files: zstandard.compress(tar(files)),
    "zip": zipped,
    "zip, stored": lambda files: zipped(files, zipfile.ZIP_STORED),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same(form: str) -> None:
    assert contents(members(FORMS[form](FILES))) == FILES


@pytest.mark.parametrize("form", FORMS)
def test_any_damage_is_a_sentence(form: str) -> None:
    whole = FORMS[form](FILES)
    for cut in {1, 5, 100, 511, 600, len(whole) // 2, len(whole) - 5}:
        found = told(whole[:cut])
        if isinstance(found, UploadError):
            assert found.code == "invalid_bundle"
        else:
            assert contents(found).items() <= FILES.items() or errors(found)


@given(st.binary(max_size=2000))
def test_no_bytes_break_it(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"):
        found = told(start + content)
        assert not isinstance(found, UploadError) or len(found.message) > 20


def entry(name: str, sort: bytes, target: str = "") -> tarfile.TarInfo:
    about = tarfile.TarInfo(name)
    about.type, about.linkname = sort, target
    return about


def test_links_and_devices_are_told_and_not_followed() -> None:
    odd = [
        entry("link", tarfile.SYMTYPE, "/etc/passwd"),
        entry("hard", tarfile.LNKTYPE, "dmesg.txt"),
        entry("null", tarfile.CHRTYPE),
        entry("disk", tarfile.BLKTYPE),
        entry("pipe", tarfile.FIFOTYPE),
        entry("folder", tarfile.DIRTYPE),
    ]
    found = members(gzip.compress(tar(FILES, more=odd)))
    assert contents(found) == FILES
    assert set(errors(found)) == {"link", "hard", "null", "disk", "pipe"}
    assert all("only plain files" in said for said in errors(found).values())


@pytest.mark.parametrize(
    "name", ["../out", "a/../../out", "/etc/passwd", "..\\out", "\\\\host\\share", "C:/x", "C:\\x", "a" * 501]
)
@pytest.mark.parametrize("form", ["tar", "zip"])
def test_names_that_lead_out_are_refused_and_the_rest_is_kept(form: str, name: str) -> None:
    found = members(FORMS[form]({"good": b"1", name: b"2", "also good": b"3"}))
    assert contents(found) == {"good": b"1", "also good": b"3"}
    assert all(said.startswith("Its name") for said in errors(found).values())
    assert len(errors(found)) == 1


def test_a_link_in_a_zip_is_one_too() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as whole:
        about = zipfile.ZipInfo("link")
        about.create_system, about.external_attr = 3, 0o120777 << 16
        whole.writestr(about, "/etc/passwd")
        whole.writestr("good", "1")
    found = members(packed.getvalue())
    assert contents(found) == {"good": b"1"}
    assert "only plain files" in errors(found)["link"]


def test_an_encrypted_file_and_a_damaged_one_do_not_cost_the_others() -> None:
    whole = bytearray(zipped({"secret": b"1" * 50, "bad": b"2" * 5000, "good": b"3"}))
    central = whole.index(b"PK\x01\x02")
    whole[central + 8] |= 1  # the flag of encryption, where the directory tells it
    start = whole.index(b"bad") + 3
    whole[start] ^= 0xFF
    found = members(bytes(whole))
    assert contents(found) == {"good": b"3"}
    assert "encrypted" in errors(found)["secret"]
    assert "cannot be unpacked" in errors(found)["bad"]


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_unroll_at_once_are_refused(packing: int) -> None:
    found = members(zipped({"zeros": bytes(1024 * 1024)}, packing))
    assert "use deflate" in errors(found)["zeros"]


def test_what_operating_systems_add_is_not_told() -> None:
    assert list(contents(members(zipped({"a": b"1", "__MACOSX/._a": b"2", ".DS_Store": b"3", "b/._c": b"4"})))) == ["a"]


@pytest.mark.parametrize("form", ["tar.gz", "tar.zst", "zip"])
def test_bombs_are_refused_before_they_fill_the_memory(form: str, settings: Any) -> None:
    settings.MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024
    bomb = FORMS[form]({"zeros": bytes(128 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    tracemalloc.start()
    with pytest.raises(UploadError) as raised:
        members(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert raised.value.code == "body_too_large"
    assert peak < 32 * 1024 * 1024


def test_what_shrinks_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FREE", 1024 * 1024)
    with pytest.raises(UploadError, match="more than is accepted"):
        members(gzip.compress(tar({"zeros": bytes(8 * 1024 * 1024)})))
    log = "".join(f"{n * 7919 % 10007} line {n}\n" for n in range(200_000)).encode()
    assert contents(members(gzip.compress(tar({"log": log})))) == {"log": log}


def test_the_same_bytes_under_many_names_count_each_time(settings: Any) -> None:
    """A zip may point from a thousand names to one place in the file."""
    settings.MAX_DECOMPRESSED_BYTES = 4 * 1024 * 1024
    one = zipped({"a" * 8: bytes(1024 * 1024)})
    central = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    record = one[central:end]
    count = 50
    records = b"".join(record.replace(b"a" * 8, f"{n:08d}".encode()) for n in range(count))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(records), central, 0)
    overlapping = one[:central] + records + tail
    found = told(overlapping)
    # Python itself refuses names that differ from those beside the bytes.
    assert found.code == "body_too_large" if isinstance(found, UploadError) else not contents(found)


@pytest.mark.parametrize(("files", "entries"), [(1001, 0), (0, 10_001)])
def test_too_many_files(files: int, entries: int) -> None:
    folders = [entry(f"f{n}", tarfile.DIRTYPE) for n in range(entries)]
    with pytest.raises(UploadError, match="holds more than"):
        members(tar({str(n): b"" for n in range(files)}, more=folders))


def test_a_header_as_long_as_a_file_is_refused() -> None:
    name = tarfile.TarInfo("x")
    name.pax_headers = {"comment": "y" * (8 * 1024 * 1024)}
    with pytest.raises(UploadError, match="header is too long"):
        members(gzip.compress(tar({}, more=[name])))


def test_a_file_with_holes_is_not_unrolled() -> None:
    about = tarfile.TarInfo("holes")
    about.type, about.size = tarfile.GNUTYPE_SPARSE, 0
    header = bytearray(about.tobuf(tarfile.GNU_FORMAT))
    header[386:398] = b"00000000000\0"
    header[483:495] = b"77777777777\0"  # what it claims to be long: 8 GiB
    header[148:156] = b"        "
    header[148:155] = f"{sum(header):06o}\0".encode()
    found = members(bytes(header) + tar(FILES))
    assert "holes" in errors(found) or contents(found) == {}
    assert sum(len(content) for content in contents(found).values()) < 10_000


@pytest.mark.parametrize("content", [b"", b"hello", b"{}", b"7z\xbc\xaf\x27\x1c", b"Rar!", bytes(1024)])
def test_what_is_no_archive(content: bytes) -> None:
    if content == bytes(1024):  # an archive of nothing
        assert members(content) == []
        return
    with pytest.raises(UploadError, match=r"send a \.tar"):
        members(content)
