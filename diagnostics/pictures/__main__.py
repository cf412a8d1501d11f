"""``python -m diagnostics.pictures BROWSER png|svg``: a figure as JSON in, its picture out.

A process of its own, so that whoever wants the picture can end it, browser and all. Nothing is fetched: Plotly's script
is the one that lies in the plotly package.
"""

from __future__ import annotations

import shlex
import sys
import tempfile
from pathlib import Path

import orjson

SECONDS = 45
SCALE = {"png": 2, "svg": 1}  # of pixels, twice as fine
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
)


def main() -> int:
    import kaleido
    import plotly

    browser, wanted = sys.argv[1:]
    figure = orjson.loads(sys.stdin.buffer.read())
    layout = figure["layout"]
    with tempfile.TemporaryDirectory(prefix="launchscope-picture-") as folder:
        settings = {
            "path": str(_with_flags(Path(folder), browser)),
            "plotlyjs": str(Path(plotly.__file__).parent / "package_data" / "plotly.min.js"),
            "mathjax": False,
            "timeout": SECONDS,
        }
        size = {"format": wanted, "width": layout["width"], "height": layout["height"], "scale": SCALE[wanted]}
        image = kaleido.calc_fig_sync(figure, size, kopts=settings)
    sys.stdout.buffer.write(image)
    return 0


def _with_flags(folder: Path, browser: str) -> Path:
    """The browser behind a script that adds what kaleido has no words for."""
    script = folder / "browser"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(browser)} {" ".join(FLAGS)} "$@"\n')
    script.chmod(0o700)
    return script


if __name__ == "__main__":
    sys.exit(main())
