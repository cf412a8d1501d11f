"""The settings of change detection, in one place: the product, the command and the benchmark all use ``DEFAULT``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Never set per series.

    Looking back: a series as a whole is split at ``first``, what is left of it at ``further``; a passing change needs
    ``passing``; where there are several change points, each must hold between its neighbours at ``kept``. ``margin``
    is how many runs beside the truth still serve a reader: a faint step is placed so as to lie this near it most
    probably. ``drift`` is by how much (log likelihood) a straight line must beat a step to be called a slow drift;
    ``sloping`` is the same for an alarm, which can wait.

    Looking on: an alarm needs a log likelihood ratio of ``alarm`` in one of the looks from the ``start``-th run on,
    over at least ``fresh`` runs after ``settled`` runs, and a probability of ``placed`` that its place is right within
    the margin; ``suspected`` is shown and not told. ``window`` runs are remembered; values are cut off at ``clip``
    spreads from their centre.
    """

    first: float = 0.007
    further: float = 0.005
    passing: float = 0.001
    kept: float = 0.003
    margin: int = 5
    drift: float = 3.0
    sloping: float = 0.0
    start: int = 20
    alarm: float = 9.0
    suspected: float = 6.0
    placed: float = 0.5
    clip: float = 3.0
    fresh: int = 3
    settled: int = 8
    window: int = 100


DEFAULT = Settings()
