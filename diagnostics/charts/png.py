"""``python -m diagnostics.charts.png BROWSER``: a figure's JSON on standard input, its PNG on standard output.

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
SCALE = 2
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

    figure = orjson.loads(sys.stdin.buffer.read())
    layout = figure["layout"]
    with tempfile.TemporaryDirectory(prefix="launchscope-png-") as folder:
        settings = {
            "path": str(_with_flags(Path(folder), sys.argv[1])),
            "plotlyjs": str(Path(plotly.__file__).parent / "package_data" / "plotly.min.js"),
            "mathjax": False,
            "timeout": SECONDS,
        }
        size = {"format": "png", "width": layout["width"], "height": layout["height"], "scale": SCALE}
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
