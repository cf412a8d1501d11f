"""Parents as files tell them, made into trees that can be stored."""

from __future__ import annotations

from collections.abc import Sequence

DEEPEST = 150  # nesting refuses what is much deeper
UNSEEN, WAITING = -1, -2


def opened(told: Sequence[int | None]) -> list[int | None]:
    """Parents by position with every circle opened somewhere, and what lies too deep hung higher."""
    parents: list[int | None] = [None] * len(told)
    depths = [UNSEEN] * len(told)
    for n in range(len(told)):
        chain: list[int] = []
        at: int | None = n
        while at is not None and depths[at] == UNSEEN:
            depths[at] = WAITING
            chain.append(at)
            at = told[at]
        if at is not None and depths[at] == WAITING:
            at = None  # it goes round in a circle, which is opened here
        for one in reversed(chain):
            if at is not None:
                parents[one] = parents[at] if depths[at] >= DEEPEST else at
            depths[one] = 0 if at is None else min(depths[at] + 1, DEEPEST)
            at = one
    return parents
