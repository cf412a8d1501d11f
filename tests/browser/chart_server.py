"""A page with charts under the strict CSP of the product, and what it asked for; real figures, no Django."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from plotly.graph_objects import Figure

from diagnostics.charts.comparison import aligned
from diagnostics.charts.level_of_detail import bars
from diagnostics.charts.phase_tree import WaterfallPhase
from diagnostics.charts.rows import plot_width
from diagnostics.charts.serialise import to_json
from diagnostics.charts.trend import TrendPoint, trend
from diagnostics.charts.waterfall import waterfall
from diagnostics.records import NS_PER_SECOND as S
from diagnostics.records import Interval
from tests.charts.launches import LENGTH, ORIGIN, phase

ROOT = Path(__file__).parents[2]
CSP = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'"
PAGE = """<!doctype html><html lang="en" data-bs-theme="light"><head><meta charset="utf-8"><title>Charts</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/css/plotly.css" id="plotly.js-style-global" class="no-inline-styles">
<script type="module" src="/static/js/plotly-chart.js"></script></head>
<body><main><h1>Charts</h1>%s</main></body></html>"""
REFUSAL = b'{"error": {"code": "not_found", "message": "There is no such launch."}}'
ELEMENTS = {
    "waterfall": '<plotly-chart state src="/waterfall.json" label="Waterfall"></plotly-chart>',
    "two": '<plotly-chart state src="/two.json" label="Two launches"></plotly-chart>',
    "trend": '<plotly-chart launch-links src="/trend.json" label="Totals"></plotly-chart>',
    "empty": '<plotly-chart src="/empty.json"></plotly-chart>',
    "broken": '<plotly-chart src="/broken.json"></plotly-chart>',
    "no-bundle": '<plotly-chart src="/trend.json" bundle="/static/absent.js"></plotly-chart>',
}


def launch() -> list[WaterfallPhase]:
    """Six phases, one of them markup, one folding over two others."""
    root = phase(0, 0, 120, name="model-init", children=2)
    return [
        root,
        phase(1, 0, 30, name="tokenizer", parent=root),
        phase(2, 30, 90, name="weights", parent=root, critical=True, lane="TP0"),
        phase(3, 120, 5, name="<script>document.title='gone'</script>", critical=True),
        phase(4, 130, 20, name="failing", failed=True),
        phase(5, 150, 10, name="warm-up", critical=True),
    ]


class _Handler(SimpleHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        name = url.path.strip("/").removesuffix(".json")
        if url.path.endswith(".json"):
            self.asked.append(self.path)
            self._figure(name, query)
        elif name in ELEMENTS:
            self._send(200, "text/html", (PAGE % ELEMENTS[name]).encode())
        else:
            super().do_GET()

    def _figure(self, name: str, query: dict[str, str]) -> None:
        if name == "broken" and self.asked.count(self.path) == 1:
            self._send(
                404, "application/json", b'{"error": {"code": "not_found", "message": "There is no such launch."}}'
            )
            return
        self._send(200, "application/json", to_json(_figure(name, query)))

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Says nothing: the tests look at ``asked``."""


def _figure(name: str, query: dict[str, str]) -> Figure:
    if name == "trend":
        return _trend()
    if name == "two":
        rows = bars(launch(), [], [], Interval(ORIGIN, ORIGIN + LENGTH), plot_width(int(query["width"])))
        return aligned(rows, rows, origins=(ORIGIN, ORIGIN), width=int(query["width"]))
    return _waterfall(query, [] if name == "empty" else launch())


def _waterfall(query: dict[str, str], phases: list[WaterfallPhase]) -> Figure:
    whole = Interval(ORIGIN, ORIGIN + LENGTH)
    window = Interval(int(query.get("from", whole.start)), int(query.get("to", whole.end)))
    folded = frozenset(int(text) for text in query.get("fold", "").split(",") if text)
    width = int(query["width"])
    ghosts = {"model-init/weights": Interval(ORIGIN, ORIGIN + 60 * S)}
    rows = bars(phases, [], [], window, plot_width(width), folded, ghosts=ghosts)
    milestones = {"health_ok": ORIGIN + 155 * S}
    return waterfall(rows, origin=ORIGIN, window=window, launch=whole, milestones=milestones, width=width)


def _trend() -> Figure:
    return trend([TrendPoint(f"launch-{n}", ORIGIN + n * 3600 * S, 100 * S, "1.0", "success") for n in range(3)])


@contextmanager
def serving() -> Iterator[tuple[str, list[str]]]:
    """The server's address, and the list of figure requests, which grows as they come."""
    asked: list[str] = []

    class Handler(_Handler):
        pass

    Handler.asked = asked
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(ROOT)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
