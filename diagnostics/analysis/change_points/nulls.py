"""The null distributions of the statistics of ``splits``, simulated once: they depend on the number of values alone.

Rows: number of values; columns: the statistic that exchangeable values exceed with each chance of ``_CHANCES``
(100,000 permutations up to 100 values, 40,000 to 500, at least 3,000 beyond). Between them the logarithm of the chance
is interpolated; beyond them it falls by one for each one of the statistic, as the mean of likelihood ratios lets it.
"""

from __future__ import annotations

import math

import numpy as np

_CHANCES = (0.5, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
_Table = dict[int, tuple[float, ...]]

_SPLIT: _Table = {
    8: (0.444, 2.369, 3.749, 4.246, 4.324, 4.576, 4.576),
    9: (0.504, 2.284, 3.77, 4.294, 4.576, 4.788, 4.837),
    10: (0.521, 2.236, 3.552, 4.363, 4.813, 4.982, 5.15),
    12: (0.524, 2.103, 3.356, 4.393, 5.136, 5.457, 5.689),
    14: (0.532, 1.983, 3.241, 4.267, 5.202, 5.81, 6.152),
    16: (0.483, 1.873, 3.125, 4.285, 5.354, 6.107, 6.787),
    20: (0.462, 1.779, 2.96, 4.115, 5.32, 6.386, 7.348),
    24: (0.444, 1.715, 2.867, 3.927, 5.15, 6.176, 7.182),
    28: (0.432, 1.659, 2.779, 3.88, 5.089, 6.181, 7.485),
    32: (0.43, 1.639, 2.734, 3.812, 5.01, 6.134, 7.373),
    40: (0.447, 1.622, 2.7, 3.723, 4.81, 5.726, 6.922),
    50: (0.46, 1.598, 2.619, 3.652, 4.801, 5.814, 6.935),
    64: (0.474, 1.605, 2.612, 3.556, 4.705, 5.727, 6.76),
    80: (0.486, 1.574, 2.584, 3.542, 4.691, 5.701, 6.744),
    100: (0.488, 1.56, 2.541, 3.526, 4.583, 5.644, 6.858),
    140: (0.499, 1.539, 2.532, 3.487, 4.598, 5.557, 6.47),
    200: (0.509, 1.544, 2.477, 3.417, 4.398, 5.281, 6.856),
    300: (0.517, 1.553, 2.475, 3.402, 4.433, 5.274, 6.418),
    500: (0.524, 1.539, 2.469, 3.42, 4.585, 5.743, 7.309),
    1000: (0.52, 1.489, 2.384, 3.351, 4.38, 5.568, 6.446),
    2000: (0.534, 1.511, 2.419, 3.357, 4.489, 5.684, 6.318),
    5000: (0.537, 1.54, 2.482, 3.483, 4.597, 5.501, 5.609),
    10000: (0.543, 1.518, 2.436, 3.213, 4.216, 5.047, 6.088),
}

_PASSING: _Table = {
    24: (0.253, 1.509, 2.618, 3.722, 4.89, 5.986, 7.496),
    28: (0.384, 1.628, 2.747, 3.806, 5.054, 6.036, 7.125),
    32: (0.46, 1.687, 2.788, 3.894, 5.02, 6.148, 7.088),
    40: (0.534, 1.715, 2.729, 3.763, 4.815, 5.923, 7.467),
    50: (0.574, 1.727, 2.78, 3.775, 4.961, 6.153, 6.941),
    64: (0.605, 1.711, 2.68, 3.615, 4.796, 5.699, 6.551),
    80: (0.638, 1.739, 2.681, 3.593, 4.652, 5.798, 7.018),
    100: (0.643, 1.706, 2.638, 3.536, 4.633, 5.482, 6.614),
    140: (0.659, 1.683, 2.586, 3.489, 4.576, 5.429, 6.428),
    200: (0.678, 1.7, 2.554, 3.502, 4.511, 5.554, 6.323),
    400: (0.676, 1.674, 2.585, 3.517, 4.587, 5.539, 6.565),
    1000: (0.705, 1.643, 2.482, 3.161, 4.509, 5.483, 5.949),
    3000: (0.706, 1.654, 2.599, 3.363, 4.237, 5.065, 5.473),
    10000: (0.692, 1.697, 2.578, 3.551, 4.638, 5.177, 5.825),
}


def p_split(statistic: float, count: int) -> float:
    """The chance that ``count`` exchangeable values show a split of this statistic."""
    return _chance(statistic, count, _SPLIT)


def p_passing(statistic: float, count: int) -> float:
    """The chance that ``count`` exchangeable values show a passing level of this statistic."""
    return _chance(statistic, count, _PASSING)


def _chance(statistic: float, count: int, table: _Table) -> float:
    sizes = np.log(list(table))
    columns = [float(np.interp(math.log(count), sizes, column)) for column in zip(*table.values(), strict=True)]
    logs = [0.0, *(math.log(chance) for chance in _CHANCES)]
    if statistic > columns[-1]:
        return math.exp(max(logs[-1] - (statistic - columns[-1]), -700))
    # No statistic lies below minus 2: the mean ratio of scores is at least a little below 1.
    return math.exp(float(np.interp(statistic, [-2.0, *columns], logs)))
