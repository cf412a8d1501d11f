"""From clicking a launch to its waterfall drawn, in a real browser that has nothing cached."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Response, sync_playwright

from benchmarks.chromium import launch_options
from benchmarks.instance import Instance
from benchmarks.measurement import Measurement
from benchmarks.snapshots import Launches

SIZES, TIMES = (200, 10_000, 100_000), 3
SECONDS_BAR, PAYLOAD_BAR = 2.0, 300.0
# The element says when Plotly has drawn; two frames later it is on the screen. Times are since navigation began.
NOTE_WHEN_DRAWN = """
document.addEventListener("figure-drawn", (event) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const root = document.documentElement;
  root.dataset.drawnRows ??= event.detail.rows;
  root.dataset.drawnAfter ??= performance.now();
})));
"""
# The same traces into an empty element: what Plotly alone needs, with bundle, figure and page already there.
DRAW_ALONE = """async () => {
  const shown = document.querySelector("plotly-chart .js-plotly-plot"), place = document.createElement("div");
  const { data, layout } = structuredClone({ data: shown.data, layout: shown.layout });
  document.body.append(place);
  const begin = performance.now();
  await window.Plotly.newPlot(place, data, layout);
  return performance.now() - begin;
}"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One look at a launch: seconds to drawn and to draw alone, kB of the figure, rows in it."""

    seconds: float
    alone: float
    payload: float
    rows: int


def measure(instance: Instance) -> Iterator[Measurement]:
    """``waterfall.<phases>`` in s, and ``waterfall.<phases>.payload`` in kB."""
    session = instance.session  # before playwright: Django refuses its database inside somebody's event loop
    with sync_playwright() as playwright, playwright.chromium.launch(**launch_options()) as browser:
        for phases in SIZES:
            launches = Launches(f"bench-waterfall-{phases}", phases)
            instance.send(launches.body())  # drawn behind the next one
            launch = instance.send(launches.body())
            seen = [_look(browser, instance.port, session, launch) for _ in range(TIMES)]
            yield from _told(phases, seen)


def _told(phases: int, seen: list[Drawn]) -> Iterator[Measurement]:
    name, middle = f"waterfall.{phases}", statistics.median(one.seconds for one in seen)
    alone = statistics.median(one.alone for one in seen)
    extra = {"rows": seen[0].rows, "times": [round(one.seconds, 3) for one in seen]}
    yield Measurement(name, middle, "s", alone, "Plotly drawing the same traces alone", SECONDS_BAR, extra=extra)
    payload = max(one.payload for one in seen)
    yield Measurement(f"{name}.payload", payload, "kB", PAYLOAD_BAR, "what was promised", PAYLOAD_BAR)


def _look(browser: Browser, port: int, session: str, launch: str) -> Drawn:
    """In a context of its own: nothing is cached, only the session is there."""
    origin = f"http://127.0.0.1:{port}"
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.add_cookies([{"name": "sessionid", "value": session, "url": origin}])
        context.add_init_script(NOTE_WHEN_DRAWN)
        page = context.new_page()
        with page.expect_response(_is_figure) as figure:
            page.goto(f"{origin}/launches/{launch}/")
        return _drawn(page, figure.value)


def _is_figure(response: Response) -> bool:
    return urlsplit(response.url).path.endswith("/waterfall")


def _drawn(page: Page, figure: Response) -> Drawn:
    # An attribute, because the page's policy lets nobody evaluate text, waiting for a variable included.
    page.wait_for_selector("html[data-drawn-after]", state="attached", timeout=60_000)
    noted = page.evaluate("() => ({ ...document.documentElement.dataset })")
    alone = page.evaluate(DRAW_ALONE) / 1000
    return Drawn(float(noted["drawnAfter"]) / 1000, alone, len(figure.body()) / 1000, int(noted["drawnRows"]))
