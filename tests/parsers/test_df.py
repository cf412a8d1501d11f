"""How full disks are: every collected file as it is known to be, and the options and languages of others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers import Hints, Source, collect, df
from diagnostics.records import Category, Parsed, ParseError
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

RECEIVED = 1_795_500_000_000_000_000
# By jc's name for the column: ours, and bytes of its unit.
JC = {
    "size": ("size_kb", 1),
    "1k_blocks": ("size_kb", 1024),
    "512_blocks": ("size_kb", 512),
    "used": ("used_kb", None),
    "available": ("available_kb", None),
    "use_percent": ("used_percent", 0),
    "capacity_percent": ("used_percent", 0),
    "iused": ("inodes_used", 0),
    "ifree": ("inodes_free", 0),
    "iused_percent": ("inodes_used_percent", 0),
}


def parse(content: bytes | str) -> Parsed:
    content = content.encode() if isinstance(content, str) else content
    return collect(df.parse(Source.of(content), Hints(RECEIVED)))


def row(header: str, line: str) -> dict[str, Any]:
    (found,) = parse(f"{header}\n{line}\n").facts["filesystems"]
    plain: dict[str, Any] = found
    return plain


@here_only
@pytest.mark.parametrize("name", names("df"))
def test_samples(name: str) -> None:
    known, parsed = expected(f"df/{name}"), parse((SAMPLES / "df" / name).read_bytes())
    rows = parsed.facts["filesystems"]

    assert parsed.lines.skipped == 0
    assert parsed.facts["clock"] == "received"
    assert all(times == [RECEIVED] for times in (one.times for one in parsed.samples))
    assert len({(one.metric, one.instance) for one in parsed.samples}) == len(parsed.samples) > 0
    if "rows" in known:
        assert len(rows) == known["rows"]
    for place, found in (("first", rows[0]), ("last", rows[-1])):
        if place in known:
            check_as_jc_reads(known[place], found)
    if "root" in known:
        root = next(one for one in rows if one["mount"] == "/")
        assert root["device"] == known["root"][0]
        assert f"{root.get('used_percent', root.get('inodes_used_percent'))}%" == known["root"][-2]


def check_as_jc_reads(known: dict[str, Any], found: dict[str, Any]) -> None:
    assert [found["device"], found["mount"]] == [known["filesystem"], known["mounted_on"]]
    unit = next(unit for name, (_, unit) in JC.items() if unit and name in known)
    for name, (ours, own) in JC.items():
        if name in known:
            factor = 1 if own == 0 else (unit if own is None else own) / 1024
            # jc cuts what a size in letters comes to; ours are kB with three decimals.
            assert found[ours] == pytest.approx(known[name] * factor, abs=0.002)


@here_only
def test_samples_in_both_sizes_tell_the_same() -> None:
    exact = {
        one["mount"]: one for one in parse((SAMPLES / "df/jc-centos-7.7-df.txt").read_bytes()).facts["filesystems"]
    }
    for told in parse((SAMPLES / "df/jc-centos-7.7-df-h.txt").read_bytes()).facts["filesystems"]:
        # -h rounds up to two digits.
        assert 0 <= told["size_kb"] - exact[told["mount"]]["size_kb"] <= 0.1 * told["size_kb"]
    blocks = parse((SAMPLES / "df/rec-df-P-B1.txt").read_bytes()).facts["filesystems"]
    table = parse((SAMPLES / "df/rec-df-output.txt").read_bytes()).facts["filesystems"]
    assert [one["size_kb"] for one in blocks] == [one["size_kb"] for one in table]


GERMAN = "Dateisystem    1K-Blöcke  Benutzt Verfügbar Verw% Eingehängt auf"
FRENCH = "Sys. de fichiers blocs de 1K Utilisé Disponible Uti% Monté sur"
SPANISH = "S.ficheros     bloques de 1K  Usados Disponibles Uso% Montado en"
PORTUGUESE = "Sist. Arq.     Blocos de 1K    Usado Disponível Uso% Montado em"
RUSSIAN = "Файловая система 1K-блоков Использовано Доступно Использовано% Cмонтировано в"
CHINESE = "文件系统         1K-块    已用     可用 已用% 挂载点"
JAPANESE = "ファイルシス   1K-ブロック    使用   使用可 使用% マウント位置"
UNKNOWN = "Ffeilsystem     1K-blociau  Defnydd   Ar_gael  Def% Lle"
SOLARIS = "Filesystem            kbytes    used   avail capacity  Mounted on"


@pytest.mark.parametrize("header", [GERMAN, FRENCH, SPANISH, PORTUGUESE, RUSSIAN, CHINESE, JAPANESE, UNKNOWN, SOLARIS])
def test_languages(header: str) -> None:
    assert row(header, "/dev/sda1 102400 51200 40960 56% /mnt/my disk") == {
        "device": "/dev/sda1",
        "mount": "/mnt/my disk",
        "size_kb": 102_400,
        "used_kb": 51_200,
        "available_kb": 40_960,
        "used_percent": 56,
    }


@pytest.mark.parametrize(
    ("header", "line", "part"),
    [
        ("Filesystem Size Used Avail Use% Mounted on", "/dev/a 1.5G 500M 1.0G 34% /", {"size_kb": 1_572_864}),
        ("Sys. de fichiers Taille Utilisé Dispo Uti% Monté sur", "/dev/a 1,5G 500M 1,0G 34% /", {"size_kb": 1_572_864}),
        ("Filesystem Size Used Avail Use% Mounted on", "/dev/a 2.0G 12k 2.0G 1% /", {"used_kb": 11.719}),
        ("Filesystem 1M-blocks Used Available Use% Mounted on", "/dev/a 10 4 6 40% /", {"size_kb": 10_240}),
        ("Filesystem 1MB-blocks Used Available Use% Mounted on", "/dev/a 10 4 6 40% /", {"size_kb": 9_765.625}),
        ("Filesystem 512-blocks Used Available Capacity Mounted on", "/dev/a 10 4 6 40% /", {"size_kb": 5}),
        ("Filesystem 1B-blocks Used Available Use% Mounted on", "/dev/a 10240 4 6 40% /", {"size_kb": 10}),
        ("Filesystem Type 1K-blocks Used Available Use% Mounted on", "a b ext4 9 4 5 45% /",
         {"type": "ext4", "device": "a b"}),
        ("Filesystem 1K-blocks Used Available Use% Mounted on", "/dev/a 1,234,567 4 6 40% /", {"size_kb": 1_234_567}),
        ("Filesystem 512-blocks Free %Used Iused %Iused Mounted on", "/dev/hd4 64 30 55% 12 7% /",
         {"available_kb": 15, "used_percent": 55, "inodes_used_percent": 7}),
        ("Mounted on Use% Avail", "/data 97% 3.0G", {"mount": "/data", "used_percent": 97, "available_kb": 3_145_728}),
        ("Filesystem 1K-blocks Used Available Use% Mounted on", "total 9 4 5 45% -", {"device": "total", "mount": "-"}),
    ],
)  # fmt: skip
def test_options(header: str, line: str, part: dict[str, Any]) -> None:
    found = row(header, line)
    assert {key: found[key] for key in part} == part


ALL = "/dev/vda  ext4  16777216 611410 16165806   4%  264212084 31093016 75297896  30% -  /"


@pytest.mark.parametrize(
    "header",
    [
        "Filesystem  Type  Inodes IUsed IFree IUse% 1K-blocks Used Avail Use% File Mounted on",
        "Файлова с-ма  Вид  I-възли I-заети  I-свбдн Изп% 1K-блокове Заети  Свобод Изп% Файл Монтирана на",
        "S. fitxers  Tipus  Nodes-i  En ús  Lliures  %Ús Blocs de 1K  En ús  Lliure  %Ús Fitxer Muntat a",
        "System plików  Typ  iwęzły użyteI  wolneI %uż.I 1K-bl  użyte  dost. %uż. Plik zamont. na",
        "Ф. система  Тип  І-вузлів  Викор  Вільн Вик% 1K-блоків  Вик  Дост Вик% Файл змонтований на",
        "Hệ thống tập tin  Kiểu  Inode  IDùng  ITrống %IDùng  khối-1K  Dùng  Còn %Dùng Tập tin Gắn vào",
        "Sistem Berkas  Tipe  Inode  IIsi  Ibebas IIsi%  1K-blok  Isi  Sisa Isi% File Dipasang di",
    ],
)
def test_names_that_stand_for_several_columns(header: str) -> None:
    found = row(header, ALL)
    assert (found["device"], found["type"], found["mount"]) == ("/dev/vda", "ext4", "/")
    assert [found[key] for key in ("inodes", "inodes_used", "inodes_free", "inodes_used_percent")] == [
        16777216, 611410, 16165806, 4,
    ]  # fmt: skip
    assert [found[key] for key in ("size_kb", "used_kb", "available_kb", "used_percent")] == [
        264212084, 31093016, 75297896, 30,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "key"), [("容量  已用  可用 已用%", "size"), ("1024-块  已用  可用 容量", "capacity")]
)
def test_one_word_for_size_and_for_capacity(header: str, key: str) -> None:
    found = row(f"文件系统  {header} 挂载点", "/dev/vda  264212084  31093016  75297896  30% /")
    assert (found["size_kb"] > 200_000, found["used_percent"]) == (True, 30)


def test_inodes_of_an_unknown_language_are_no_sizes() -> None:
    unknown = "Xystem  Inode IXused IXfree IX% Xounted\n/dev/vda  16M 612K 16M  4% /\n/dev/vdb  16M 612K 16M  4% /b\n"
    assert not df.recognise(unknown.encode())
    with pytest.raises(ParseError):
        parse(unknown)


def test_a_row_is_not_taken_for_the_header_of_the_next() -> None:
    with pytest.raises(ParseError):
        parse("Xystem Xize\ntmpfs 3085511 59 3085452 1% /dev/shm\n/dev/vda 16777216 611410 16165806 4% /\n")


def test_a_sum_is_no_place() -> None:
    header = "Filesystem 1K-blocks Used Available Use% Mounted on"
    parsed = parse(f"{header}\n/dev/a 9 4 5 45% /\ntotal 9 4 5 45% -\n")
    assert {one.instance for one in parsed.samples} == {"/"}


def test_sizes_and_inodes_of_one_file_are_joined() -> None:
    parsed = parse(
        "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/a 9 4 5 45% /\n\n"
        "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/a 100 93 7 93% /\n"
    )
    assert {one.metric: one.values for one in parsed.samples} == {
        "filesystem.size_kb": [9],
        "filesystem.used_kb": [4],
        "filesystem.available_kb": [5],
        "filesystem.used_percent": [45],
        "filesystem.inodes_used_percent": [93],
    }


def test_what_holds_nothing_is_listed_but_not_measured() -> None:
    parsed = parse("Filesystem 512-blocks Used Available Capacity Mounted on\nmap auto_home 0 0 0 100% /home\n")
    assert parsed.samples == []
    assert parsed.facts["filesystems"][0]["used_percent"] == 100


def test_a_place_that_df_cannot_look_at_is_an_event() -> None:
    parsed = parse(
        "df: /mnt/weights: Stale file handle\nFilesystem 1K-blocks Used Available Use% Mounted on\n/dev/a 9 4 5 45% /\n"
    )
    (event,) = parsed.events
    assert (event.category, event.level, event.line) == (Category.FILESYSTEM, "warning", 1)
    assert event.fields == {"mount": "/mnt/weights"}


def test_what_cannot_be_read_is_counted() -> None:
    parsed = parse("Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/a 9 4 5 45% /\n/dev/b x 4 5 45% /b\n")
    assert parsed.facts["unread"] == [{"line": 3, "text": "/dev/b x 4 5 45% /b"}]


@pytest.mark.parametrize(
    "content", ["", "hello\n", "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/b x y z 45% /\n"]
)
def test_other_files_are_refused(content: str) -> None:
    with pytest.raises(ParseError):
        parse(content)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 100), st.text("abc /é中", min_size=1)),
        min_size=1,
        max_size=6,
    )
)
def test_what_was_written_is_read(rows: list[tuple[int, int, int, str]]) -> None:
    lines = [f"dev{n} {size} {used} 0 {share}% /{place}" for n, (size, used, share, place) in enumerate(rows)]
    found = parse("\n".join(["Filesystem 1K-blocks Used Available Use% Mounted on", *lines])).facts["filesystems"]
    assert [(one["size_kb"], one["used_kb"], one["used_percent"], one["mount"]) for one in found] == [
        (size, used, share, f"/{place}".rstrip()) for size, used, share, place in rows
    ]
