"""What a header line says of the rows below it; found once for each header, however often that is repeated.

11:14:52        CPU     %user     %nice   %system   %iowait    %steal     %idle
13:20:09          tps     rkB/s     wkB/s     dkB/s   areq-sz    aqu-sz     await     %util DEV
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from diagnostics.parsers.sar.calendar import Timeline
from diagnostics.parsers.sysstat_columns import Activity, Column
from diagnostics.parsers.sysstat_headers import KEYS, PRODUCT, activity_of, column_of

# What --human writes after a number; without it, a number is in the unit of its column.
_KB = {"B": 1 / 1024, "s": 0.5, "k": 1.0, "M": 1024.0, "G": 1024.0**2, "T": 1024.0**3, "P": 1024.0**4}


# Rows not converted yet: the number of the first line, the text, where they stand in time.
Pending = tuple[int, str, Timeline]


@dataclass(slots=True, eq=False)
class Plan:
    """``columns`` pairs the place of a value among a row's words (the stamp not counted) with what it is."""

    names: tuple[str, ...]
    activity: Activity
    keys: tuple[int, ...]
    columns: tuple[tuple[int, Column], ...]
    stamp_tokens: int
    timeline: Timeline | None = None
    last_text: str = ""  # the stamp of the last row, as written
    pending: list[Pending] = field(default_factory=list)
    pending_size: int = 0
    layouts: dict[int, Any] = field(default_factory=dict)  # of ``tables``, by the length of a row
    has_words: bool = field(init=False)  # rows end in words, or hold others than numbers and one key in front
    decimals: int = 0  # of the last word of its rows
    has_siblings: bool = False  # other headers of the same section, as when a CPU came or went

    def __post_init__(self) -> None:
        self.has_words = self.keys not in ((), (0,)) or len(self.columns) + len(self.keys) < self.width

    @property
    def decimals_of_tables(self) -> int:
        return max((len(f"{layout.scales[-1]:.0f}") - 1 for layout in self.layouts.values()), default=0)

    @property
    def width(self) -> int:
        return len(self.names)

    @property
    def counts_ticks(self) -> bool:
        """Whether a row of zeroes means that no tick was counted: shares of the time of a CPU sum to 100 otherwise."""
        return any(column.metric == "cpu.idle" for _, column in self.columns)

    @property
    def factors(self) -> npt.NDArray[np.float64] | None:
        factors = [column.factor for _, column in self.columns]
        return np.array(factors) if set(factors) - {1.0} else None

    def row(self, rest: str) -> tuple[str, list[float]] | None:
        """Key and values of a row without its stamp, or ``None`` when it is not such a row."""
        key_is_last = self.keys == (self.width - 1,)
        words = rest.split(None, self.width - 1) if key_is_last else rest.split()
        last = max((*self.keys, *(place for place, _ in self.columns)), default=0)
        if len(words) <= last or (len(words) > self.width and last == self.width - 1):
            return None
        try:
            values = [_number(words[place], column) for place, column in self.columns]
        except ValueError:
            return None
        return ":".join(words[key].rstrip() for key in self.keys), values


def plan_of(header: str, stamp_tokens: int) -> Plan:
    """A header line without its stamp. Keys come first, or last with ``--pretty`` and for file systems."""
    names = tuple(header.split())
    keys = tuple(place for place, name in enumerate(names) if name in KEYS)
    if len(keys) > 1:
        keys = keys[:1]
    # A section of a later sysstat: a key is in capitals, as all are.
    if not keys and len(names) > 1 and names[0].isupper() and names[0].isalpha():
        keys = (0,)
    key = names[keys[0]] if keys else None
    activity = activity_of(key, [name for place, name in enumerate(names) if place not in keys])
    keys += tuple(place for place, name in enumerate(names) if name in PRODUCT)
    columns = [(place, column_of(activity, name)) for place, name in enumerate(names) if place not in keys]
    return Plan(names, activity, keys, tuple((p, c) for p, c in columns if c is not None), stamp_tokens)


def _number(word: str, column: Column) -> float:
    unit = word[-1]
    if unit.isdigit():
        value = float(word.replace(",", "."))
    elif unit == "%":
        return float(word[:-1].replace(",", "."))
    elif unit in _KB:
        value = float(word[:-1].replace(",", ".")) * _KB[unit]
        # Such a number is in kB already, unless its column is told in MB.
        return value / 1024 if column.metric.endswith("_mb") else value
    else:
        value = float(word)
    if value - value != 0:
        raise ValueError(word)
    return value * column.factor
