"""Figures to the JSON that ``<plotly-chart>`` fetches."""

from __future__ import annotations

import orjson
from plotly.graph_objects import Figure

# The element brings its own zoom, reset and keyboard; Plotly's button bar would only repeat them.
CONFIG = {"displayModeBar": False, "displaylogo": False, "doubleClick": False, "scrollZoom": False, "responsive": False}


def to_json(figure: Figure) -> bytes:
    """``{"data", "layout", "config"}`` as UTF-8 JSON; integers of nanoseconds are strings inside already."""
    spec = figure.to_dict()
    return orjson.dumps(
        {"data": spec["data"], "layout": spec["layout"], "config": CONFIG}, option=orjson.OPT_SERIALIZE_NUMPY
    )
