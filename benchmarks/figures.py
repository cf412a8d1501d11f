"""Every figure by name, in the order in which they are measured: what leaves the database alone comes first, for that
is busy for minutes after a load, and the history for the pages last."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks import agent, change_points, ingest, kernel_log, memory, otlp, pages, sar, two_samples, waterfall
from benchmarks.instance import Instance
from benchmarks.measurement import Measurement

Measure = Callable[[Instance], Iterator[Measurement]]


def parse(instance: Instance) -> Iterator[Measurement]:
    """Parsers, each a ``parse.<kind>``."""
    yield from kernel_log.measure(instance)
    yield from sar.measure(instance)


# The first word of a figure's name; `accept` is told by the load that `ingest` makes.
FIGURES: dict[str, Measure] = {
    "parse": parse,
    "agent": agent.measure,
    "two_samples": two_samples.measure,
    "change_points": change_points.measure,
    "ingest": ingest.measure,
    "accept": ingest.measure,
    "otlp": otlp.measure,
    "memory": memory.measure,
    "waterfall": waterfall.measure,
    "pages": pages.measure,
}


def chosen(only: str) -> list[Measure]:
    """What to run for ``ONLY=ingest`` or ``pages.launch``; everything, each once, for nothing. Raises ``KeyError``."""
    return list(dict.fromkeys(FIGURES.values())) if not only else [FIGURES[only.partition(".")[0]]]


def is_wanted(figure: str, only: str) -> bool:
    return not only or figure == only or figure.startswith(f"{only}.")
