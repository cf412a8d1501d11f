"""Cold, warm or hot: how much of what a launch needs was there already, decided from facts alone.

- cold: something had to be fetched or made anew: the image was pulled, the weights were downloaded, or nothing was in
  the compile cache. The coldest fact decides, whatever else was there. Also when the files had to come from a disk and
  nothing else is known to have been there.
- hot: the files were in memory (page cache), and nothing known was missing.
- warm: everything known was there, but the files were read from a disk, in part at least, or nobody knows whence.
- unknown: no fact tells.

The page cache is measured by the agent (what the launch read, and what of it came from storage), or shows afterwards:
what the weights' phase took in, against what the disks or the launch's processes really read meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proof
from diagnostics.analysis.diagnosis.finding import Proof
from diagnostics.analysis.diagnosis.kubernetes import pod_events
from diagnostics.analysis.diagnosis.log_lines import Sign, said, sign
from diagnostics.analysis.diagnosis.reading_io import KB, bytes_to_load, files_in_memory, io_of, is_remote
from diagnostics.analysis.diagnosis.stretches import of_phase
from diagnostics.analysis.diagnosis.wording import rate, seconds, size
from diagnostics.records import NS_PER_SECOND, Category


class Start(StrEnum):
    UNKNOWN = ""
    COLD = "cold"
    WARM = "warm"
    HOT = "hot"


class Subject(StrEnum):
    """What can be there already."""

    IMAGE = "image"
    WEIGHTS = "weights"
    COMPILED = "compile cache"
    MEMORY = "page cache"


@dataclass(frozen=True, slots=True)
class Fact:
    """``was_there``: 0..1, how much of the subject was there."""

    subject: Subject
    was_there: float
    proof: Proof


@dataclass(frozen=True, slots=True)
class StartClass:
    """``decided_by`` are the facts that make the class, ``others`` those that do not, ``contradictions`` sentences
    about facts of one subject that cannot both be right (or speak of two images, or of two graphs)."""

    start: Start
    decided_by: Sequence[Proof] = ()
    others: Sequence[Proof] = ()
    contradictions: Sequence[str] = ()

    @property
    def text(self) -> str:
        """The class and its reason in a sentence or two."""
        if self.start is Start.UNKNOWN:
            return (
                "Unknown: no fact tells whether image, weights, compiled graphs or files in memory were there already."
            )
        because = "; ".join(told.text.rstrip(".") for told in self.decided_by)
        return " ".join([f"{self.start.capitalize()}: {because}.", *self.contradictions])


# At most so much in memory is a cold page cache; at least so much is as good as all.
LITTLE, ALMOST_ALL = 0.1, 0.9
# A pull or download that was over sooner changed nothing that can be felt.
FELT = NS_PER_SECOND // 2
WEIGHTS = re.compile(r"weights?-load|model-load|load[-_ ](?:the )?(?:model|weights?)|checkpoint", re.IGNORECASE)
DOWNLOAD = re.compile(r"(?:weights?|model)[-_ ]download|download[-_ ](?:the )?(?:model|weights?)", re.IGNORECASE)
LOADED_GRAPHS = sign("directly load the compiled graph", "compile cache hit", "loaded compiled graph from cache")
COMPILED_GRAPHS = sign("compiling a graph for", "compile cache miss")
PRESENT_WEIGHTS = sign("files are already present on the host")
DOWNLOADED_WEIGHTS = sign(
    "time spent downloading weights", "downloaded ", pattern=r"time spent downloading weights|\bDownloaded \S+ in "
)


def start_class(case: Case) -> StartClass:
    """The class of a launch with the facts that decide it; ``case`` needs neither history nor class."""
    facts = [*_image(case), *_weights(case), *_compiled(case), *_page_cache(case)]
    missing = [fact for fact in facts if fact.subject is not Subject.MEMORY and not fact.was_there]
    there = [fact for fact in facts if fact.subject is not Subject.MEMORY and fact.was_there]
    memory = [fact for fact in facts if fact.subject is Subject.MEMORY]
    contradictions = tuple(_contradictions(facts))
    if missing:
        return _decided(Start.COLD, missing, [*there, *memory], contradictions)
    if memory and min(fact.was_there for fact in memory) >= ALMOST_ALL:
        return _decided(Start.HOT, [*memory, *there], [], contradictions)
    if there or any(fact.was_there > LITTLE for fact in memory):
        return _decided(Start.WARM, [*there, *memory], [], contradictions)
    return _decided(Start.COLD if memory else Start.UNKNOWN, memory, [], contradictions)


def _decided(start: Start, by: Iterable[Fact], others: Iterable[Fact], contradictions: Sequence[str]) -> StartClass:
    return StartClass(start, [fact.proof for fact in by], [fact.proof for fact in others], contradictions)


def _contradictions(facts: Sequence[Fact]) -> Iterator[str]:
    for subject in Subject:
        told = [fact for fact in facts if fact.subject is subject]
        low, high = (min(told, key=_amount), max(told, key=_amount)) if told else (None, None)
        if low and high and high.was_there - low.was_there > 1 - 2 * LITTLE:
            yield f"Facts about the {subject} contradict each other: “{low.proof.text}”, but “{high.proof.text}”."


def _amount(fact: Fact) -> float:
    return fact.was_there


def _image(case: Case) -> Iterator[Fact]:
    for seen in pod_events(case, Category.IMAGE_PULL):
        fields = seen.event.fields
        if fields.get("warm"):
            yield Fact(Subject.IMAGE, 1, proof(seen))
        elif fields.get("reason") == "Pulled" and fields.get("pull_ns", FELT) >= FELT:
            yield Fact(Subject.IMAGE, 0, proof(seen))


def _weights(case: Case) -> Iterator[Fact]:
    label = case.labels.get("weights_present", "")
    if label in ("yes", "no"):
        text = f"The log says that the weights were {'present' if label == 'yes' else 'downloaded'}"
        yield Fact(Subject.WEIGHTS, float(label == "yes"), Proof(text))
    for placed in case.launch.phases:
        if DOWNLOAD.search(placed.phase.name) and placed.phase.duration >= FELT and label != "yes":
            text = f"{placed.path} took {seconds(placed.phase.duration)}"
            yield Fact(Subject.WEIGHTS, 0, Proof(text, time=placed.phase.start_time))
    yield from _of_lines(case, Subject.WEIGHTS, [(PRESENT_WEIGHTS, 1), (DOWNLOADED_WEIGHTS, 0)])


def _compiled(case: Case) -> Iterator[Fact]:
    label = case.labels.get("compile_cache", "")
    if label in ("hit", "miss"):
        text = "Compiled graphs came from the cache" if label == "hit" else "Graphs were compiled anew"
        yield Fact(Subject.COMPILED, float(label == "hit"), Proof(f"{text} (label compile_cache: {label})"))
    yield from _of_lines(case, Subject.COMPILED, [(LOADED_GRAPHS, 1), (COMPILED_GRAPHS, 0)])


def _of_lines(case: Case, subject: Subject, signs: Sequence[tuple[Sign, float]]) -> Iterator[Fact]:
    for what, was_there in signs:
        lines: list[SeenEvent] = [seen for seen, _ in said(case, what)]
        if lines:
            yield Fact(subject, was_there, proof(lines[0]))


def _page_cache(case: Case) -> Iterator[Fact]:
    if (known := files_in_memory(case)) is not None:
        share, text = known
        yield Fact(Subject.MEMORY, share, Proof(text, time=case.window.start))
    elif (measured := _measured(case)) is not None:
        yield measured


def _measured(case: Case) -> Fact | None:
    """By what was read while the weights were loaded: more than the disks gave must have come from memory."""
    loading = max(
        (placed for placed in case.launch.phases if WEIGHTS.search(placed.phase.name)),
        key=lambda placed: (placed.phase.duration, placed.depth),
        default=None,
    )
    # What a remote storage gives shows on no disk.
    if loading is None or is_remote(case):
        return None
    stretch = of_phase(loading)
    loaded, io = bytes_to_load(case, stretch), io_of(case, stretch)
    own = io.own if io.own and io.own.coverage >= ALMOST_ALL else None
    telling = own or io.main_disk
    read = own.volume * KB if own else io.from_disks
    if loaded is None or read is None or telling is None or telling.coverage < ALMOST_ALL:
        return None
    took = max(1, stretch.window.duration)
    text = (
        f"{loading.path} took in {size(loaded)} at {rate(loaded * NS_PER_SECOND / took)} "
        f"while {'the launch' if own else 'the disks'} read {size(read)} ({rate(read * NS_PER_SECOND / took)})"
    )
    return Fact(Subject.MEMORY, max(0.0, 1 - read / loaded), telling.proof(text))
