"""Which metrics of model servers say how long a part of the start took."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from diagnostics.parsers.amounts import nanoseconds
from diagnostics.parsers.exposition import Told
from diagnostics.records import NS_PER_SECOND

PREFIXES = (
    "sglang:",
    "sglang_",
    "vllm:",
    "vllm_",
    "tgi_",
    "nv_",
    "ray_",
    "serve_",
    "trtllm_",
    "lmdeploy:",
    "lmdeploy_",
)
_PREFIX = re.compile(rf"(?:{'|'.join(PREFIXES)})+")
# Labels that say what a gauge measures; those of ``PLACE`` say where.
_PHASE, _MODEL = ("phase", "stage", "step"), ("model", "model_name", "deployment")
PLACE = ("dp_rank", "pp_rank", "tp_rank", "rank", "engine", "replica", "worker", "engine_type")
_START = re.compile(
    r"(?P<what>engine_startup|startup_cuda_graph|startup|engine_load_weights|load_weights?|weight_load|model_load(?:ing)?"
    r"|replica_startup|replica_initialization|cuda_graph_capture|torch_compile|compilation|warm_?up|engine_init"
    r"|engine_initialization)(?:_(?:time|duration|latency))*(?:_(?P<unit>seconds|secs|s|milliseconds|ms|us|ns))?"
)
_UNITS = {"milliseconds": 10**6, "ms": 10**6, "us": 10**3, "ns": 1}


@dataclass(frozen=True, slots=True)
class StartGauge:
    """``group`` are gauges that one process tells of one start, ``what`` the part that took ``took`` ns."""

    what: str
    took: int
    lane: str
    model: str
    attributes: Mapping[str, str]


def start_gauge(name: str, sample: Told) -> StartGauge | None:
    """What a sample tells of a start, ``None`` if nothing."""
    prefix = _PREFIX.match(name)
    match = _START.fullmatch(name, prefix.end()) if prefix else None
    if match is None or not re.search(r"time|duration|latency|secs|seconds|_ms$", name):
        return None
    took = nanoseconds(sample.value, _UNITS.get(match["unit"] or "", NS_PER_SECOND))
    if took is None or took <= 0:
        return None  # what did not run is told as 0 by some, -1 by others
    labels = sample.labels
    phase = next((labels[key] for key in _PHASE if labels.get(key)), "")
    model = next((labels[key] for key in _MODEL if labels.get(key)), "")
    places = [f"{key.removesuffix('_rank')} {labels[key]}" for key in PLACE if labels.get(key)]
    return StartGauge(
        _what(match["what"], phase, model), took, ", ".join(places)[:200], model, {"metric": name, **labels}
    )


def _what(name: str, phase: str, model: str) -> str:
    if name == "startup_cuda_graph":
        return f"cuda graph {phase}".strip().replace("_", " ")[:300]
    if phase:
        return phase.replace("_", " ")[:300]
    # Of several models that one server loads, each is a part of its own.
    about = f" {model}" if name.startswith("model_load") and model else ""
    return f"{name.replace('_', ' ')}{about}"[:300]
