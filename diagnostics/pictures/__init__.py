"""Figures drawn to files by Kaleido, which drives a Chromium of the machine; without one there is no picture."""

from diagnostics.pictures.drawing import NoPicture, browser, drawn

__all__ = ["NoPicture", "browser", "drawn"]
