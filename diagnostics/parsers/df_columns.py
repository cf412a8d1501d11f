"""The columns of ``df``, whatever language they are named in, and the values under them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Names of columns in GNU's languages and of other systems, by what they hold; the longest that fits is meant.
_NAMES: dict[str, str] = {
    "device": "Filesystem|File system|Dateisystem|Sys. de fichiers|Sys.fich.|Système de fichiers|S.ficheros|Sist. Arq."
    "|Sist. arq.|File system|Файловая система|Файл.система|Файл.сист.|文件系统|檔案系統|ファイルシス|ファイルシステム"
    "|파일 시스템|파일시스템|Bestandssysteem|System plików|Filsystem|Tiedostojärjestelmä|Dosyasistemi|Dosya sistemi"
    "|Файлова система|Souborový systém|Système|Filesysteem|S.fitxers|Fájlrendszer|Sistema de ficheros",
    "type": "Type|Typ|Tipo|Тип|类型|類型|タイプ|Fstype|형식|유형|Tyyppi|Tür",
    "size": "Size|Größe|Taille|Tamaño|Tam.|Размер|容量|大小|サイズ|크기|Grootte|rozm.|Rozmiar|Storlek|Boy|Koko|Dim."
    "|Dimensione|Розмір|Velikost|kbytes|Méret",
    "used": "Used|Benutzt|Utilisé|Utilisés|Usados|Usado|Использовано|Использ.|Использ|已用|已使用|使用|사용|사용됨"
    "|Gebruikt|użyte|Użyte|Använt|Dolu|Käytetty|Usati|Usato|Użyto|Використано|Foglalt|Použito",
    "available": "Available|Avail|Verfügbar|Verf.|Disponible|Disponibles|Dispo|Disp|Disp.|Disponível|Dispon.|Доступно"
    "|Дост|可用|残り|使用可|가용|Beschikbaar|Besch|dostępne|Dost.|Tillgängligt|Tillg|Boş|Vapaana|Disponib.|Free|Szabad|Volno",
    "used_percent": "Use%|Capacity|capacity|Verw%|Uti%|Util%|Uso%|Использовано%|Использ%|Исп%|已用%|已使用%|使用%"
    "|사용%|%Used|Geb%|Gebr%|%uż.|Anv%|Käy%|Dolu%|Вик%|Fo.%|Použ%|Usado%",
    "inodes": "Inodes|Inode|Inœuds|Inoeuds|Inodos|Nodos-i|Iノード|I-nodes|Іноди|inode|아이노드|I-węzły|Инодов|i节点",
    "inodes_used": "IUsed|iused|Iused|IBenutzt|IUtil.|IUtilisés|NUsados|IUsado|IUsados|IИспользовано|已用(I)|已用I"
    "|I已用|I使用|IUsati|Iused|IИспользованo|I사용|IGebruikt|użyteI",
    "inodes_free": "IFree|ifree|Ifree|IFrei|ILibre|ILib.|NLibres|ILivr.|ILivres|IСвободно|可用(I)|可用I|I可用|I残り"
    "|IДоступно|I여유|IVrij|wolneI",
    "inodes_used_percent": "IUse%|%iused|%Iused|IUso%|IUti%|IUtil%|NUso%|IBen%|IИспользовано%|IИсп%|已用(I)%|已用I%"
    "|I已用%|I使用%|I사용%|IGeb%|%użI|IVerw%",
    "file": "File|Datei|Fichier|Fichero|Arquivo|Файл|文件|ファイル",
    "mount": "Mounted on|Mounted|Eingehängt auf|Monté sur|Montado en|Montado em|Смонтировано в|Cмонтировано в|挂载点"
    "|掛載點|マウント位置|마운트위치|마운트 위치|Aangekoppeld op|zamontowany na|Zamontowane na|Monterat på"
    "|Bağlanılan yer|Liitospiste|Montato su|Змонтований на|Змонтовано на|Csatol. pont|Připojeno do",
}
_WORDS = sorted(
    ((word, kind) for kind, words in _NAMES.items() for word in words.split("|")), key=lambda one: -len(one[0])
)
_BLOCKS = re.compile(
    r"(?P<blocks>\d{1,12})(?P<unit>[KMGTPE]?)(?P<bytes>i?B?)[-‐ ]?[^\W\d_]+\.?"
    r"|(?:[Bb]loc\w*|[Bb]loques|[Bb]locks) (?:de|di|of) (?P<of>\d{1,12})(?P<of_unit>[KMGTPE]?)(?P<of_bytes>i?B?)(?!\w)"
)
# A header in a language that is not known still says how large its blocks are.
_SOME_BLOCKS = re.compile(r"(?<![\w.])(?P<blocks>\d{1,12})(?P<unit>[KMGTPE]?)(?P<bytes>i?B?)(?![\w%])")
_UNITS = {unit: n for n, unit in enumerate("KMGTPEZYRQ", 1)}
# Begun only where blanks begin: a long run of them is looked at once, not once from each of them.
_APART = r"(?<!\s)\s+"
_VALUE = r"(?:-|\d[\d.,]*(?:[kKMGTPEZYRQ]?i?B?|Bi))"
_PATTERNS = {
    "device": r"(?P<device>\S.*?)",
    "type": r"(?P<type>\S+)",
    "file": r"(?P<file>\S+)",
    "mount": r"(?P<mount>\S.*)",
    "used_percent": r"(?P<used_percent>-|\d+(?:[.,]\d+)?%)",
    "inodes_used_percent": r"(?P<inodes_used_percent>-|\d+(?:[.,]\d+)?%)",
}
LIMITLESS = 2**62  # inodes of a file system that makes them as it needs them
_SIZES = {"size": "size_kb", "used": "used_kb", "available": "available_kb"}
_COUNTS = ("inodes", "inodes_used", "inodes_free")


_USUAL = re.compile(
    _APART.join(
        _PATTERNS.get(kind, rf"(?P<{kind}>{_VALUE})")
        for kind in ("device", "size", "used", "available", "used_percent", "mount")
    )
)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a header names. ``unit`` is bytes per block, 0 where the values carry their own."""

    pattern: re.Pattern[str]
    unit: int

    def row(self, text: str, *, is_decimal: bool) -> dict[str, Any] | None:
        """The values of a row, sizes in kB; absent where df wrote ``-``. ``None`` if the text is no row."""
        match = self.pattern.fullmatch(text.strip())
        if match is None:
            return None
        cells = match.groupdict()
        found: dict[str, Any] = {
            key: cells[key].strip() for key in ("device", "type", "file", "mount") if cells.get(key)
        }
        for key, name in _SIZES.items():
            if (size := _bytes(cells.get(key) or "-", self.unit, is_decimal=is_decimal)) is not None:
                found[name] = _tidy(size / 1024)
        for key in _COUNTS:
            if (count := _bytes(cells.get(key) or "-", 1, is_decimal=is_decimal)) is not None:
                found[key] = int(count)
        for key in ("used_percent", "inodes_used_percent"):
            if (cells.get(key) or "-") != "-":
                found[key] = _tidy(float(cells[key].rstrip("%").replace(",", ".")))
        total = found.get("inodes_used", 0) + found.get("inodes_free", LIMITLESS)
        if "inodes" not in found and total < LIMITLESS:
            found["inodes"] = total
        return found


def columns_of(header: str) -> Columns | None:
    """The columns of a header, or ``None`` for another line: it names places and how full they are."""
    kinds, unit = _kinds(header.strip())
    if len(kinds) < 2 or len(set(kinds)) < len(kinds):
        return None
    if not ({"mount", "device"} & set(kinds)) or not (
        {"used_percent", "inodes_used_percent", "available", "used"} & set(kinds)
    ):
        return None
    patterns = [_PATTERNS.get(kind, rf"(?P<{kind}>{_VALUE})") for kind in kinds]
    return Columns(re.compile(_APART.join(patterns)), unit)


def guessed(header: str, row: str) -> Columns | None:
    """The columns of a header in an unknown language, if the row under it has the usual shape and a known unit."""
    columns = Columns(_USUAL, 0)
    found = columns.row(row, is_decimal=False)
    if "%" not in header or found is None or not found["mount"].startswith("/"):
        return None
    if blocks := _SOME_BLOCKS.search(header):
        return Columns(_USUAL, _block_size(blocks))
    return columns if re.search(r"\d[KMGTPE]", row) else None


def _kinds(header: str) -> tuple[Sequence[str], int]:
    """What each column holds; nothing if one of them is unknown."""
    kinds, unit, at = [], 0, 0
    while at < len(header):
        if header[at].isspace():
            at += 1
            continue
        if blocks := _BLOCKS.match(header, at):
            unit, kind, length = _block_size(blocks), "size", len(blocks[0])
        else:
            kind, length = next(((kind, len(word)) for word, kind in _WORDS if _is_at(word, header, at)), ("", 0))
        if not kind:
            return (), 0
        if header[at : at + length] == "kbytes":
            unit = 1024
        kinds.append(kind)
        at += length
    return kinds, unit


def _is_at(word: str, header: str, at: int) -> bool:
    end = at + len(word)
    return header[at:end].casefold() == word.casefold() and (end == len(header) or header[end].isspace())


def _block_size(blocks: re.Match[str]) -> int:
    """Bytes of ``1K-blocks``, ``512-blocks``, ``1MB-blocks`` (a million), ``bloques de 1K``."""
    parts = {
        key.removeprefix("of_").replace("of", "blocks"): value for key, value in blocks.groupdict().items() if value
    }
    base = 1000 if parts.get("bytes") == "B" and "unit" in parts else 1024
    return int(parts["blocks"]) * int(base ** _UNITS.get(parts.get("unit", ""), 0))


def _bytes(text: str, unit: int, *, is_decimal: bool) -> float | None:
    """Bytes of a value, with the unit it carries or that of its column."""
    match = re.fullmatch(r"(\d[\d.,]*)([kKMGTPEZYRQ]?)(i?)(?:B|Bi)?", text)
    if match is None:
        return None
    if not match[2]:
        # Groups of digits (``df --block-size="'1"``) have three; a value of blocks has no fraction.
        digits = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", match[1])
        if digits.isdecimal():
            return int(digits) * (unit or 1)
        return float(digits.replace(",", ".")) * (unit or 1) if digits.count(".") + digits.count(",") < 2 else None
    number = match[1].replace(",", ".")
    if number.count(".") > 1:
        return None
    base = 1000 if is_decimal and not match[3] else 1024
    return float(number.rstrip(".")) * float(base ** _UNITS[match[2].upper()])


def _tidy(number: float) -> float:
    return int(number) if number == int(number) else round(number, 3)
