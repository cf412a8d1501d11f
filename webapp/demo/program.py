"""A small program with a launch worth looking at: libraries, weights, a web framework, a warm-up, a health check.

Everything it does is real work in a fresh process, and it records itself with the agent's Recorder. Version 1.1.0
ships the same weights compressed: smaller to download, slower to load.
"""

from __future__ import annotations

import http.server
import importlib
import json
import lzma
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

from diagnostics.agent.record import Recorder, process_start_time

SERVICE = "demo-model-server"
LIBRARIES = ("numpy", "scipy.linalg", "django.template", "plotly.graph_objects")


def launch(version: str, weights: Path) -> Recorder:
    recorder = Recorder(SERVICE, "demo", version, labels={"weights": weights.name})
    recorder.milestone("process_start", process_start_time())
    with recorder.phase("read config"):
        json.loads((weights.parent / "config.json").read_text())
    with recorder.phase("import libraries", depends_on=["read config"]):
        for name in LIBRARIES:
            with recorder.phase(f"import {name}"):
                importlib.import_module(name)
    loaded: list[Any] = []
    loader = threading.Thread(target=load_weights, args=[recorder, weights, loaded])
    loader.start()
    with recorder.phase("render status page", depends_on=["import libraries"], lane="web"):
        render_page()
    loader.join()
    with recorder.phase("warm-up", depends_on=["load weights"]):
        warm_up(loaded[0])
    with recorder.phase("health check", depends_on=["warm-up", "render status page"]):
        answer_health_check()
    recorder.milestone("health_ok")
    return recorder


def load_weights(recorder: Recorder, weights: Path, loaded: list[Any]) -> None:
    import numpy as np

    with recorder.phase("load weights", depends_on=["import libraries"], lane="loader") as phase:
        with recorder.phase("read file", lane="loader"):
            content = weights.read_bytes()
        phase.set("bytes", len(content))
        if weights.suffix == ".xz":
            with recorder.phase("decompress", lane="loader"):
                content = lzma.decompress(content)
        with recorder.phase("convert", lane="loader"):
            loaded.append(np.frombuffer(content, dtype=np.int16).astype(np.float32).reshape(-1, 512))


def render_page() -> None:
    import plotly.graph_objects as go
    from django.conf import settings
    from django.template import Context, Engine

    settings.configure(USE_I18N=False)
    figure = go.Figure(go.Bar(x=list(range(200)), y=[n * n % 37 for n in range(200)])).to_json()
    Engine().from_string("{% for row in rows %}<p>{{ row }}</p>{% endfor %}{{ figure }}").render(
        Context({"rows": range(500), "figure": figure})
    )


def warm_up(weights: Any) -> None:
    import scipy.linalg

    block = weights[:512]
    for _ in range(3):
        scipy.linalg.lu_factor(block @ block.T / block.size)


def answer_health_check() -> None:
    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        # No proxy: it is this very process that answers.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(f"http://127.0.0.1:{server.server_port}/", timeout=10).close()


if __name__ == "__main__":
    print(json.dumps(launch(sys.argv[1], Path(sys.argv[2])).snapshot()))
