from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from diagnostics.analysis.false_discovery import false_discovery


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_false_discovery_is_that_of_scipy(p: list[float]) -> None:
    assert false_discovery(np.array(p)) == pytest.approx(false_discovery_control(p))
