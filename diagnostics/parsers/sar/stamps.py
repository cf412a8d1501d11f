"""The stamps that begin sar's lines: ``11:14:53``, ``11:14:53 AM``, ``11:14:53 AM UTC``, ``11时14分53秒``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

SECONDS_PER_DAY = 86_400

_MORNING = ("AM", "am", "a.m.", "A.M.", "πμ", "पूर्वाह्न", "SA", "PG", "ÖÖ", "上午", "午前", "오전")
_EVENING = ("PM", "pm", "p.m.", "P.M.", "μμ", "अपराह्न", "CH", "PTG", "ÖS", "下午", "午後", "오후")
_MARKERS = dict.fromkeys(_MORNING, 0) | dict.fromkeys(_EVENING, 12)
_MARKER = "|".join(re.escape(marker) for marker in _MARKERS)
# A zone stands one blank after the time; what else may stand there in capitals is a key, a restart or a comment.
_NO_ZONE = r"(?!(?:CPU|INTR|TTY|DEV|IFACE|FAN|TEMP|IN|BUS|BAT|COM|LINUX|FCHOST)\b)"
_STAMP = re.compile(
    rf"(\d{{1,2}})[:.,](\d\d)[:.,](\d\d)(?:[ ]({_MARKER}))?(?:[ ]({_NO_ZONE}[A-Z]{{3,5}}|[+-]\d\d:?\d\d))?(?=\s|$)"
)
_IN_WORDS = re.compile(r"(\d{1,2})\s?[时時시點点]\s?(\d\d)\s?[分분]\s?(\d\d)\s?[秒초]")
_MARKER_FIRST = re.compile(r"^(上午|下午|午前|午後|오전|오후)\s*(\d{1,2}:\d\d:\d\d)", re.MULTILINE)
_HARD_SPACES = re.compile(r"(?<=\d)[\u00a0\u202f](?=[AaPp][.mM])")


class Stamp(NamedTuple):
    """Seconds since midnight; ``end`` is where the rest of the line begins, ``tokens`` how many words the stamp has."""

    seconds: int
    end: int
    tokens: int
    is_12h: bool
    zone: str


def in_digits(text: str) -> str:
    """Lines whose stamps are written in the words of a language, with the stamps in digits."""
    text = _HARD_SPACES.sub(" ", _IN_WORDS.sub(r"\1:\2:\3", text))
    return _MARKER_FIRST.sub(lambda match: f"{match[2]} {'PM' if _MARKERS[match[1]] else 'AM'}", text)


def read_stamp(line: str) -> Stamp | None:
    """The stamp that a line begins with, or ``None``."""
    match = _STAMP.match(line)
    if match is None:
        return None
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3])
    if match[4]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + _MARKERS[match[4]]
    if hours > 23 or minutes > 59 or seconds > 60:
        return None
    tokens = 1 + bool(match[4]) + bool(match[5])
    return Stamp(hours * 3600 + minutes * 60 + seconds, match.end(), tokens, bool(match[4]), match[5] or "")


def seconds_of(stamps: Sequence[str]) -> list[int] | None:
    """The seconds of many stamps, or ``None`` when one is none."""
    try:
        return list(map(_KNOWN.__getitem__, stamps))
    except KeyError:
        return _new_seconds(stamps)


# A day has 86,400 in each form, and the files of one host the same few of them over and over.
_KNOWN: dict[str, int] = {}
_MOST_KNOWN = 200_000


def _new_seconds(stamps: Sequence[str]) -> list[int] | None:
    if len(_KNOWN) > _MOST_KNOWN:
        _KNOWN.clear()
    for written in stamps:
        if written not in _KNOWN:
            stamp = read_stamp(written)
            if stamp is None or stamp.end != len(written):
                return None
            _KNOWN[written] = stamp.seconds
    return [_KNOWN[written] for written in stamps]
