"""How well change points match labels: matched one to one, and TCPD's own measures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

MARGIN = 5


def matched(found: Iterable[int], true: Iterable[int], margin: int = MARGIN) -> int:
    """How many true change points have a found one of their own within the margin."""
    left, hits = list(found), 0
    for point in true:
        near = [other for other in left if abs(other - point) <= margin]
        if near:
            left.remove(min(near, key=lambda other: abs(other - point)))
            hits += 1
    return hits


def f1(pairs: Iterable[tuple[Collection[int], Collection[int]]]) -> float:
    """F1 over all series together; pairs of found and true change points."""
    hits = found = true = 0
    for ours, theirs in pairs:
        hits, found, true = hits + matched(ours, theirs), found + len(ours), true + len(theirs)
    return 2 * hits / (found + true) if found + true else 1.0


def tcpd_f1(annotations: Mapping[str, Collection[int]], found: Collection[int]) -> float:
    """Van den Burg & Williams 2020: index 0 is a change point of everybody; recall is the mean over annotators."""
    truth = [{0, *points} for points in annotations.values()]
    ours = {0, *found}
    precision = matched(ours, sorted(set().union(*truth))) / len(ours)
    recall = sum(matched(ours, sorted(one)) / len(one) for one in truth) / len(truth)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def tcpd_cover(annotations: Mapping[str, Collection[int]], found: Collection[int], count: int) -> float:
    """The mean over annotators of how well our segments cover theirs (Jaccard, weighted by length)."""
    ours = _segments(found, count)
    covers = [_cover(_segments(points, count), ours) / count for points in annotations.values()]
    return sum(covers) / len(covers)


def _segments(points: Collection[int], count: int) -> list[tuple[int, int]]:
    return list(pairwise(sorted({0, count, *points})))


def _cover(theirs: Sequence[tuple[int, int]], ours: Sequence[tuple[int, int]]) -> float:
    return sum((b - a) * max(_jaccard((a, b), other) for other in ours) for a, b in theirs)


def _jaccard(one: tuple[int, int], other: tuple[int, int]) -> float:
    shared = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return shared / (one[1] - one[0] + other[1] - other[0] - shared)
