"""Many tests at once: the share of false flags among all flags (Benjamini & Hochberg 1995)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def false_discovery(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Benjamini-Hochberg adjusted p: the least false discovery rate at which each would be flagged."""
    count = len(p)
    falling = np.argsort(-p, kind="stable")
    q = np.empty(count)
    q[falling] = np.minimum.accumulate(p[falling] * count / np.arange(count, 0, -1))
    return np.minimum(q, 1.0)
