"""Series of runs as these tests make them, and those of the shared data."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared/regression-data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")

Runs = list[list[float]]


def made(count: int, seed: int = 1, launches: int = 10, spread: float = 0.1) -> Runs:
    """Runs of skewed launches around 300 ms, each run in a mood of its own."""
    draw = np.random.default_rng(seed)
    moods = draw.normal(0, spread / 3, (count, 1))
    values: Runs = (300 * np.exp(moods + spread * draw.gamma(2, 1, (count, launches)))).tolist()
    return values


def times(runs: Runs, ratio: float, start: int, end: int | None = None) -> Runs:
    """The runs from ``start`` to ``end`` made longer."""
    stop = len(runs) if end is None else end
    return [[v * ratio for v in run] if start <= i < stop else run for i, run in enumerate(runs)]


def shared(name: str) -> Any:
    content = (SHARED / name).read_bytes()
    return json.loads(gzip.decompress(content) if name.endswith(".gz") else content)
