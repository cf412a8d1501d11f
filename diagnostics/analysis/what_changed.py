"""What is different about the slow launches: the version, the host, an argument, a setting?

Each field splits the launches by its values, and the split is judged by how much of the scatter of log durations it
explains (analysis of variance, F). A field that is different in nearly every launch explains anything and is left out.
Fields that split the launches in the same way cannot be told apart: they are one test and one answer, named together.
Over all splits the false discovery rate is held at 5 %. That a field separates slow from fast does not make it the
cause: it says where to look first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from scipy.special import fdtrc

from diagnostics.analysis.false_discovery import false_discovery
from diagnostics.analysis.integer_median import median

LEVEL = 0.05
UNTOLD = ""
# What a person reads first, where the numbers leave it open; other fields follow by name.
ORDER = (
    "service", "environment", "version", "image", "command", "args", "config", "gpu", "gpus", "gpu_driver", "driver",
    "storage_class", "storage", "host", "node", "kernel", "start_class",
)  # fmt: skip
_MOST_TEXT = 4_000  # characters that are held against each other word by word
_LEAST_SPREAD = 1e-9


@dataclass(frozen=True, slots=True)
class Described:
    """One launch (or one phase of it): how long it took in ns, and what is known of it. A missing field is untold."""

    duration: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Separation:
    """A field whose values go with slow and fast launches; ``fast`` and ``slow`` are the values at the two ends.

    ``explained``: the share of the scatter that the split explains beyond luck, 0..1. ``together``: other fields that
    split the launches in the very same way. ``removed`` and ``added``: the words by which slow differs from fast.
    """

    field: str
    together: Sequence[str]
    fast: str
    slow: str
    fast_median: int
    slow_median: int
    launches: tuple[int, int]
    explained: float
    q: float
    removed: Sequence[str]
    added: Sequence[str]

    @property
    def is_significant(self) -> bool:
        return self.q < LEVEL


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two groups differ. ``purity``: the share of launches whose side its value tells, 0.5..1."""

    field: str
    baseline: str
    candidate: str
    purity: float
    removed: Sequence[str]
    added: Sequence[str]


def what_separates(launches: Sequence[Described]) -> list[Separation]:
    """Fields that separate slow from fast launches, surest first; those of least q, then of most explained."""
    logs = np.log(np.array([max(one.duration, 1) for one in launches], dtype=np.float64))
    splits = [(names, values) for names, values in _splits([one.fields for one in launches]) if _is_telling(values)]
    tests = [_analysis_of_variance(logs, values) for _, values in splits]
    told = [(split, test) for split, test in zip(splits, tests, strict=True) if test is not None]
    if not told:
        return []
    rates = false_discovery(np.array([p for _, (p, _) in told], dtype=np.float64)).tolist()
    found = [
        _separation(launches, names, values, explained, q)
        for ((names, values), (_, explained)), q in zip(told, rates, strict=True)
    ]
    return sorted(found, key=lambda one: (one.q, -one.explained, _place(one.field)))


def what_differs(baseline: Sequence[Mapping[str, str]], candidate: Sequence[Mapping[str, str]]) -> list[Difference]:
    """Fields in which two groups of at least one launch differ, those that tell the sides apart best first.

    No statistics, so one launch a side will do. A field that both sides mostly have the same value of is left out, and
    so is one that nearly every launch has another value of.
    """
    found = []
    most = max(2, (len(baseline) + len(candidate)) // 2)
    for field in _names([*baseline, *candidate]):
        before, after = (Counter(one.get(field, UNTOLD) for one in side) for side in (baseline, candidate))
        usual = before.most_common(1)[0][0], after.most_common(1)[0][0]
        if usual[0] != usual[1] and len(before | after) <= most:
            removed, added = changed_words(*usual)
            purity = _purity(before, after, len(baseline), len(candidate))
            found.append(Difference(field, usual[0], usual[1], purity, removed, added))
    return sorted(found, key=lambda one: (-one.purity, _place(one.field)))


@dataclass(frozen=True, slots=True)
class Change:
    """A field that the sides differ in (``difference``), that was tested for separating slow from fast launches
    (``separation``), or both."""

    field: str
    difference: Difference | None = None
    separation: Separation | None = None

    @property
    def separates(self) -> bool:
        return self.separation is not None and self.separation.is_significant


def what_changed(baseline: Sequence[Described], candidate: Sequence[Described]) -> list[Change]:
    """What may be behind a difference between two groups: what separates slow from fast launches for sure comes first,
    then what merely differs between the sides. Fields that split the launches alike follow each other."""
    launches = [*baseline, *candidate]
    told = what_differs([one.fields for one in baseline], [one.fields for one in candidate])
    differences = {one.field: one for one in told}
    found = list[Change]()
    for split in what_separates(launches):
        names = [split.field, *split.together]
        if split.is_significant or any(name in differences for name in names):
            found += [Change(name, differences.pop(name, None), _of(name, split, launches)) for name in names]
    found += [Change(name, one) for name, one in differences.items()]
    return sorted(found, key=lambda one: not one.separates)


def _of(name: str, split: Separation, launches: Sequence[Described]) -> Separation:
    """The same split told by another of the fields that make it."""
    others = [other for other in (split.field, *split.together) if other != name]
    values = [one.fields.get(name, UNTOLD) for one in launches]
    return _separation(launches, [name, *others], values, split.explained, split.q)


def changed_words(before: str, after: str) -> tuple[list[str], list[str]]:
    """The words that only one of two texts has, in their order: ``--tp 2`` and ``--tp 4`` differ by 2 and 4."""
    old, new = before[:_MOST_TEXT].split(), after[:_MOST_TEXT].split()
    if len(old) <= 1 and len(new) <= 1:
        return old, new
    removed, added = list[str](), list[str]()
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            removed += old[a:b]
            added += new[c:d]
    return removed, added


def _names(described: Iterable[Mapping[str, str]]) -> list[str]:
    return sorted({name for fields in described for name in fields}, key=_place)


def _place(field: str) -> tuple[int, str]:
    """``config NAME`` stands with ``config``."""
    sort = field.partition(" ")[0]
    return (ORDER.index(sort) if sort in ORDER else len(ORDER), field)


def _splits(described: Sequence[Mapping[str, str]]) -> Iterator[tuple[list[str], list[str]]]:
    """Fields by the way they split the launches, with the values of the first of them."""
    same: dict[tuple[int, ...], tuple[list[str], list[str]]] = {}
    for name in _names(described):
        values = [fields.get(name, UNTOLD) for fields in described]
        order = {value: place for place, value in enumerate(dict.fromkeys(values))}
        same.setdefault(tuple(order[value] for value in values), ([], values))[0].append(name)
    yield from same.values()


def _is_telling(values: Sequence[str]) -> bool:
    """Two values or more, and on average two launches or more of each."""
    return 1 < len(set(values)) <= len(values) // 2


def _analysis_of_variance(
    logs: np.ndarray[tuple[int], np.dtype[np.float64]], values: Sequence[str]
) -> tuple[float, float] | None:
    """p, and the share of variance explained (adjusted for the number of values)."""
    _, group = np.unique(np.array(values, dtype=object).astype(str), return_inverse=True)
    counts = np.bincount(group)
    means = np.bincount(group, weights=logs) / counts
    within = float(((logs - means[group]) ** 2).sum())
    whole = float(((logs - logs.mean()) ** 2).sum())
    freedom = len(logs) - len(counts)
    if freedom < 2 or whole < _LEAST_SPREAD:
        return None
    noise = max(within / freedom, _LEAST_SPREAD)
    p = float(fdtrc(len(counts) - 1, freedom, max(whole - within, 0.0) / (len(counts) - 1) / noise))
    return p, min(max(1 - noise / (whole / (len(logs) - 1)), 0.0), 1.0)


def _separation(
    launches: Sequence[Described], names: Sequence[str], values: Sequence[str], explained: float, q: float
) -> Separation:
    groups: dict[str, list[int]] = {}
    for one, value in zip(launches, values, strict=True):
        groups.setdefault(value, []).append(one.duration)
    # One odd launch of a value is no end of the scale while other values have more.
    most = [value for value in groups if len(groups[value]) > 1]
    ends = sorted(most if len(most) > 1 else groups, key=lambda value: (_mean_log(groups[value]), value))
    fast, slow = ends[0], ends[-1]
    removed, added = changed_words(fast, slow)
    return Separation(
        field=names[0],
        together=list(names[1:]),
        fast=fast,
        slow=slow,
        fast_median=median(groups[fast]),
        slow_median=median(groups[slow]),
        launches=(len(groups[fast]), len(groups[slow])),
        explained=explained,
        q=q,
        removed=removed,
        added=added,
    )


def _mean_log(durations: Sequence[int]) -> float:
    return math.fsum(math.log(max(duration, 1)) for duration in durations) / len(durations)


def _purity(before: Counter[str], after: Counter[str], of_before: int, of_after: int) -> float:
    """How often a launch's side is guessed from its value, both sides counting as much."""
    shares = (max(before[value] / of_before, after[value] / of_after) for value in set(before) | set(after))
    return sum(shares) / 2
