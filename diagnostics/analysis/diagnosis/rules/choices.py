"""Choices that the log shows, with what they mean for the time to ready: ``slow-tokenizer``, ``eager-mode``,
``load-format``, ``lazy-load``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import as_usual, median
from diagnostics.analysis.diagnosis.log_lines import said, sign
from diagnostics.analysis.diagnosis.stretches import covered, of_phase
from diagnostics.analysis.diagnosis.wording import count, percent, seconds
from diagnostics.records import NS_PER_SECOND, Interval

SLOW_TOKENIZER = sign("slow tokenizer", "slow version of the tokenizer", "tokenizers_parallelism", pattern=(
    r"using a slow tokenizer|slow (?:version of the )?tokenizer (?:is|might|may)|"
    r"falling back to (?:the )?slow tokenizer|converting from (?:a )?slow tokenizer|convert_slow_tokenizer"
))  # fmt: skip
EAGER = sign(
    "enforce_eager",
    "enforce-eager",
    "cuda graph",
    "disable_cuda_graph",
    "disable-cuda-graph",
    pattern=(
        r"enforce_eager['\"]?[=:] ?True|--enforce-eager\b(?!=false)|"
        r"cuda ?graphs? (?:is|are) disabled|disabling cuda ?graphs?|disable_cuda_graph=True|--disable-cuda-graph\b"
    ),
)
LOAD_FORMAT = sign(
    "load_format",
    "load-format",
    "loading pt checkpoint",
    pattern=(
        r"load[_-]format['\"]?[= :]+(?:<?LoadFormat\.)?['\"]?(?P<format>\w+)|"
        r"Loading (?P<pt>pt|npcache) checkpoint shards"
    ),
)
FORMATS = {
    "dummy": "the weights are random numbers, which take no time to load: this is no real launch",
    "runai_streamer": "weights are streamed in parallel, which loads faster from object stores and fast disks",
    "tensorizer": "weights come serialised for the GPU, which loads faster",
    "fastsafetensors": "weights go to the GPU directly, which loads faster",
    "sharded_state": "each rank reads only its own part, which loads faster",
    "pt": "pickled checkpoints are read as a whole by one thread, slower than safetensors",
    "npcache": "the first launch writes a second copy of the weights, later ones read that",
    "bitsandbytes": "weights are quantised while they are loaded, which takes the CPU's time",
    "gguf": "weights are unpacked while they are loaded, which takes the CPU's time",
}
SLOWER = ("pt", "npcache", "bitsandbytes", "gguf")
TOKENIZER = re.compile(r"tokeni[sz]er", re.IGNORECASE)
MODEL = re.compile(r"model-load .+")
LEAST = 2 * NS_PER_SECOND
LEAST_SHARE = 0.1


def choices(case: Case) -> Iterator[Finding]:
    yield from _tokenizer(case)
    yield from _eager(case)
    yield from _format(case)
    yield from _models(case)


def _finding(reason: str, text: str, events: Sequence[SeenEvent], advice: str, cost: int = 0) -> Finding:
    return Finding(
        reason=reason,
        layer=Layer.APPLICATION,
        severity=Severity.NOTICE,
        text=text,
        confidence=0.9,
        cost=cost,
        evidence_for=proofs(events),
        advice=advice,
    )


def _tokenizer(case: Case) -> Iterator[Finding]:
    """Its warning, or a phase of its own that takes a large part."""
    lines = [seen for seen, _ in said(case, SLOW_TOKENIZER)]
    phases = [told for told in case.launch.phases if TOKENIZER.search(told.phase.name)]
    longest = max(phases, key=lambda told: told.critical_time, default=None)
    least = max(LEAST, round(LEAST_SHARE * case.launch.total))
    is_long = longest is not None and longest.critical_time >= least
    if not lines and not is_long:
        return
    shown = longest if is_long else None
    share = f"{percent(100 * shown.critical_time / case.launch.total)} of the launch" if shown else ""
    took = f"{shown.path} took {seconds(shown.phase.duration)}, {share}" if shown else "The tokenizer is a slow one"
    why = ": it is not a fast one (Rust) but its Python twin" if lines else ""
    usual = median(case, of_phase(shown)) if shown else None
    yield Finding(
        reason="slow-tokenizer",
        layer=Layer.APPLICATION,
        severity=Severity.WARNING if shown and lines else Severity.NOTICE,
        text=f"{took}{why}.",
        phase=shown.path if shown else None,
        expected=float(usual) if usual is not None else "a fast tokenizer" if lines else None,
        actual=(float(shown.phase.duration) if shown else None) if usual is not None or not lines else "a slow one",
        unit="ns" if usual is not None or not lines else "",
        confidence=0.8 if lines else 0.5,
        cost=shown.critical_time if shown else 0,
        evidence_for=proofs(lines) or ([Proof(took, time=shown.phase.start_time)] if shown else []),
        evidence_against=as_usual(case, of_phase(shown)) if shown else [],
        advice="Save the tokenizer as tokenizer.json once (AutoTokenizer.from_pretrained(…, use_fast=True)"
        ".save_pretrained(…)), and load it beside the weights.",
    )


def _eager(case: Case) -> Iterator[Finding]:
    lines = [seen for seen, _ in said(case, EAGER)]
    if lines:
        yield _finding(
            "eager-mode",
            "Eager mode is on: no graphs are compiled or captured, so it is ready sooner but serves slower.",
            lines,
            "Keep it for tests; for serving, switch it off and keep the compile cache on a volume instead.",
        )


def _format(case: Case) -> Iterator[Finding]:
    by_format: dict[str, list[SeenEvent]] = {}
    for seen, match in said(case, LOAD_FORMAT):
        by_format.setdefault((match["format"] or match["pt"]).lower(), []).append(seen)
    for name, lines in by_format.items():
        if name in FORMATS:
            slower = name in SLOWER
            yield _finding(
                "load-format",
                f"Load format {name}: {FORMATS[name]}.",
                lines,
                "Convert the checkpoint to safetensors once, in the format it is served in." if slower else "",
            )


def _models(case: Case) -> Iterator[Finding]:
    """Several models in one server: all are loaded before it is ready, though not all are asked for at once."""
    loads = [told for told in case.launch.phases if MODEL.fullmatch(told.phase.name)]
    if len(loads) < 2:
        return
    together = covered(case.window, [Interval(told.phase.start_time, told.phase.end_time) for told in loads])
    longest = max(loads, key=lambda told: told.phase.duration)
    saved = together - longest.phase.duration
    if saved < max(LEAST, round(2 * LEAST_SHARE * case.launch.total)):
        return
    yield Finding(
        reason="lazy-load",
        layer=Layer.CONFIG,
        severity=Severity.NOTICE,
        text=f"{count(len(loads), 'model')} are loaded before it is ready: {seconds(together)} in all.",
        phase=longest.path,
        expected=float(longest.phase.duration),
        actual=float(together),
        unit="ns",
        confidence=0.6,
        cost=saved,
        evidence_for=[
            Proof(f"{told.path} took {seconds(told.phase.duration)}", time=told.phase.start_time) for told in loads[:8]
        ],
        evidence_against=[Proof("The first request to a model that is not loaded waits for it")],
        advice="Load only what is asked for first (Triton: --model-control-mode=explicit --load-model=…), the rest on "
        f"demand or after ready: up to {seconds(saved)} less. Or load in parallel (--model-load-thread-count).",
    )
