"""Stored launches and comparisons as files to take away. Reads only."""

from diagnostics.exporting.comparisons import COMPARISON_FORMATS, export_comparison
from diagnostics.exporting.exported import Exported
from diagnostics.exporting.figures import PICTURES, Picture, picture
from diagnostics.exporting.launches import LAUNCH_FORMATS, export_launch, told

__all__ = [
    "COMPARISON_FORMATS",
    "LAUNCH_FORMATS",
    "PICTURES",
    "Exported",
    "Picture",
    "export_comparison",
    "export_launch",
    "picture",
    "told",
]
