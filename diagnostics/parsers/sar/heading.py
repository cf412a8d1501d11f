"""The first line of a report: ``Linux 6.18.44 (vm) \t11/23/26 \t_x86_64_\t(2 CPU)``. Files appended have several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.sar.calendar import Wall
from diagnostics.parsers.sar.dates import AMBIGUOUS, MONTH_FIRST, YEAR_FIRST, Clues, Form, form_of, readings
from diagnostics.parsers.sar.stamps import read_stamp
from diagnostics.parsers.source import Source
from diagnostics.records import NS_PER_SECOND

_HEADING = re.compile(
    r"Linux\s+(?P<release>\S+)\s+\((?P<host>[^)]*)\)\s+(?P<date>\S.*?)"
    r"(?:\s+_(?P<arch>\S+)_)?(?:\s+\((?P<cpus>\d+) CPU\))?\s*$"
)
# The first line of averages; the others are in the same language.
_LABEL = re.compile(r"\n([^\d\s:：][^\n:：]{0,30})[:：]\s")
_COMMA = re.compile(r"\s\d+,\d\d(?=\s|$)", re.MULTILINE)
_STAMPED = re.compile(r"^\d.*$", re.MULTILINE)
# How sysstat's translations begin the line of averages; French and Vietnamese ones hold a blank.
AVERAGES = frozenset(
    (
        "Average", "Gemideld", "Сярэдняе", "Průměr", "Middel", "Durchschn.", "Meznombro", "Media", "Batezbestekoa",
        "Keskiarvo", "Moyenne", "Medie", "Prosjek", "Átlag", "Rata-rata", "平均値", "საშუალო", "평균", "Орточо",
        "Vidēji", "Medja", "Gj.snitt", "Gemiddeld", "Średnia", "Média", "Среднее", "Priemer", "Просек", "Genomsnitt",
        "Ortalama", "Середнє", "Trung bình", "平均时间", "平均時間", "Durchschnitt", "Mittelwert", "Moy", "Promedio",
        "平均",
    )
)  # fmt: skip
# Of `sar -x` (extreme values), and what file systems had last, since sysstat 12.7.
EXTREMES = frozenset(
    (
        "Minimum", "Maximum", "Мінімум", "Максимум", "최소", "최대", "最小", "最大", "მინიმუმი", "მაქსიმუმი", "Најмање",
        "Највише", "Минимум", "Максымум", "Mínimo", "Máximo", "Minimums", "Maksimums", "Minimalt", "Maximalt", "Minim",
        "Maxim", "Maksimum", "Last", "Dernier", "Konačno", "Pēdējais", "Senaste", "Terakhir", "Ultimul", "Zuletzt",
        "Último", "Апошняе", "Останнє", "Последний", "Последње", "ბოლო", "上次", "최종",
    )
)  # fmt: skip
SUMMARIES = frozenset(
    (
        "Summary", "Падсумаваньне", "Souhrn", "Resume", "Zusammenfassung", "Resumo", "Resumen", "Laburpena",
        "Yhteenveto", "Résumé", "Sintesi", "Sažetak", "Összegzés", "Ringkasan", "Sommario", "サマリ", "შეჯამება",
        "요약", "Kopsavilkums", "Sammendrag", "Samenvatting", "Podsumowanie", "Sumário", "Rezumat", "Сводка", "Súhrn",
        "Сажетак", "Sammanfattning", "Özet", "Резюме", "Tổng kết", "总计",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heading:
    release: str
    host: str
    date: str
    arch: str
    cpus: int | None


def read_heading(line: str) -> Heading | None:
    match = _HEADING.match(line)
    if match is None:
        return None
    cpus = int(match["cpus"]) if match["cpus"] else None
    return Heading(match["release"], match["host"], match["date"].strip(), match["arch"] or "", cpus)


def label_of(line: str) -> str:
    """What stands before the first colon of a line, without the blanks that some languages put there.

    Before 11.0 no colon follows ``Summary``.
    """
    label = re.split("[:：]", line, maxsplit=1)[0].strip()
    first = re.split(r"\s{2,}", label, maxsplit=1)[0]
    return first if first in SUMMARIES else label


class Calendar:
    """Reads the dates of one file, all in the same form; looks through the whole file only when it must."""

    def __init__(self, source: Source, hints: Hints) -> None:
        self._source = source
        self._received_at = hints.received_at
        self._today = datetime.fromtimestamp(hints.received_at / NS_PER_SECOND + 86_400, UTC).date()
        self._form: Form | None = None
        self.facts: dict[str, object] = {}

    def read(self, text: str) -> date | None:
        found = readings(text)
        if not found:
            return None
        if len(found) == 1:
            (order, day), *_ = found.items()
            self.facts.setdefault("date_form", order)
            # A date that can be read in one way only says how the others are to be read.
            self._form = self._form or Form(order, is_certain=True)
            return day
        if self._form is None:
            self._form = form_of(clues_of(self._source, self._today))
            self._tell(found)
        return found.get(self._form.order) or next(iter(found.values()))

    def assumed(self, seconds: int, wall: Wall) -> date:
        """For a file without a date: the last day on which its first stamp was not after its arrival."""
        self.facts["date_form"] = "none"
        self.facts["date"] = "The file has no date: it is taken to be of the day it arrived."
        arrived = datetime.fromtimestamp(self._received_at / NS_PER_SECOND, wall.zone)
        day = arrived.date().toordinal()
        return date.fromordinal(day if wall.ns(day, seconds) <= self._received_at else day - 1)

    def _tell(self, found: dict[str, date]) -> None:
        form = self._form
        if form is None or form.is_certain:
            self.facts["date_form"] = form.order if form else YEAR_FIRST
            return
        self.facts["date_form"] = AMBIGUOUS
        self.facts["date_read_as"] = form.order
        shown = "month first" if form.order == MONTH_FIRST else "day first"
        days = " or ".join(day.isoformat() for day in found.values())
        self.facts["date"] = f"The date may be {days}; it is read {shown}. Send sar's output with S_TIME_FORMAT=ISO."


def clues_of(source: Source, today: date) -> Clues:
    """What the file shows of its locale. Reads all of it."""
    dates: list[str] = []
    label, sample = "", ""
    for text in source.texts():
        dates += _dates(text)
        sample = sample or text[:65_536]
        first = None if label else _LABEL.search(text)
        label = label or (first[1].strip() if first else "")
    stamp = next((found for line in _STAMPED.findall(sample) if (found := read_stamp(line))), None)
    return Clues(
        today,
        dates,
        has_comma=bool(_COMMA.search(sample)),
        is_12h=bool(stamp and stamp.is_12h),
        has_zone=bool(stamp and stamp.zone),
        is_translated=label in AVERAGES - {"Average"},
    )


def _dates(text: str) -> Iterator[str]:
    begin = -1
    while (begin := text.find("Linux", begin + 1)) >= 0:
        if begin == 0 or text[begin - 1] == "\n":
            heading = read_heading(text[begin : begin + 400].partition("\n")[0])
            if heading:
                yield heading.date
