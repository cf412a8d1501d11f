// <plotly-chart src="….json">: fetches {data, layout, config}, draws it, and asks again for the part that is zoomed into.
//
// Attributes: src; label (what it shows); bundle (Plotly's URL, else <link data-plotly-bundle href>); state (keep zoom,
// folds and the chosen phase in the page's URL); hide ("baseline critical"); find (rows whose path holds the text stay bright); launch-links
// (a click on a launch's point opens it); follows (id of the chart whose zoom this one shares).
// Events: phase-select, event-select, launch-select, find-results, figure-drawn, figure-error.

import { asked, dimmed, fitted, nanoseconds, resolved, without } from "./plotly-figure.js";
import { loadPlotly } from "./plotly-bundle.js";
import { inLabels, onMark, placeAt } from "./plotly-places.js";
import { follow, leaderOf } from "./plotly-follow.js";
import { actionOf } from "./plotly-keys.js";
import { build, describe, say } from "./plotly-parts.js";
import { clicked, opens } from "./plotly-points.js";
import { RowSelection } from "./plotly-rows.js";
import { FigureSource } from "./plotly-source.js";
import { word } from "./plotly-words.js";

const HOME = new URL("../vendor/plotly/plotly-cartesian.min.js", import.meta.url).href;
const NARROW = 640; // the figure leaves room for the buttons from this width on

class PlotlyChart extends HTMLElement {
  static observedAttributes = ["src", "hide", "find"];

  #figure = null; // as it came, colours still tokens
  #rows = null;
  #clickedAt = 0;
  #clickedRow = null; // the row that the latest click opened
  #strayed = false; // zoomed by hand, while its leader may stay where it was
  #source = new FigureSource();
  #parts = null;
  #watches = [];

  connectedCallback() {
    this.#parts ??= this.#build();
    if (this.hasAttribute("state")) this.#source.readUrl();
    const theme = new MutationObserver(() => this.#draw());
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
    const size = new ResizeObserver(() => this.#resized());
    size.observe(this);
    this.#watches = [theme, size, follow(this, (window) => this.#follow(window))];
  }

  disconnectedCallback() {
    this.#watches.forEach((watch) => watch.disconnect());
    this.#rows.stop();
    this.#source.stop();
    this.#source.askedWidth = 0;
    if (this.#figure) window.Plotly?.purge(this.#parts.plot);
    delete this.#parts.plot.dataset.wired;
    this.#figure = null;
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#parts || before === after) return;
    if (name === "src") this.refresh();
    else this.#draw();
  }

  /** Asks for the figure again. */
  refresh() {
    this.#ask(0);
  }

  /** Shows the whole launch, or the whole axis, again. */
  reset() {
    this.#source.range = null;
    this.show(null, 0);
  }

  /** Shows {from, to}, ns since the epoch as text, or with null the whole launch; a chart that follows has both do so. */
  show(window, delay) {
    const leader = leaderOf(this);
    if (leader) return leader.show(window, delay);
    this.#source.window = window;
    this.#ask(delay);
  }

  /** Shows from..to, nanoseconds since the epoch as BigInt or text. */
  zoomTo(from, to) {
    if (!this.#figure) return;
    const { meta } = this.#figure.layout;
    this.#zoom(nanoseconds(meta, from), nanoseconds(meta, to), 0);
  }

  /** What the time axis covers, [from, to] in ns as text; null before the first drawing. */
  get window() {
    return this.#figure?.layout.meta?.window ?? null;
  }

  /** Selects the row of a phase path, if it has one; answers whether it has. */
  select(path) {
    return this.#rows.select(path);
  }

  #build() {
    const parts = build((factor) => (factor ? this.#zoomBy(factor) : this.reset()));
    parts.body.addEventListener("keydown", (event) => this.#key(event));
    parts.body.addEventListener("click", (event) => this.#clicked(event));
    parts.body.addEventListener("pointermove", (event) => this.#pointed(event));
    this.#rows = new RowSelection(this, parts);
    this.addEventListener("phase-select", ({ detail }) => this.#selected(detail));
    this.append(parts.tools, parts.body, parts.state, parts.said);
    return parts;
  }

  // ---- asking and showing

  #ask(delay = 150) {
    this.#source.soon(() => this.#fetch(), delay);
  }

  async #fetch() {
    const [src, width] = [this.getAttribute("src"), Math.round(this.clientWidth)];
    // Without its leader's stretch of time there is nothing to ask for yet.
    if (!src || !width || (leaderOf(this) && !this.#source.window)) return;
    this.#busy(true);
    const bundle = this.getAttribute("bundle") ?? document.querySelector("link[data-plotly-bundle]")?.href ?? HOME;
    try {
      const [figure] = await Promise.all([this.#source.load(src, width), loadPlotly(bundle)]);
      if (figure && this.isConnected) this.#show(figure);
    } catch (error) {
      this.#failed(error.message);
    }
  }

  #busy(on) {
    this.toggleAttribute("loading", on);
    this.#parts.body.setAttribute("aria-busy", String(on));
    if (on && !this.#figure) say(this.#parts.state, "loading", word("loading"));
  }

  #failed(message) {
    this.#busy(false);
    say(this.#parts.state, "error", message, () => this.refresh());
    this.#parts.said.textContent = message;
    this.dispatchEvent(new CustomEvent("figure-error", { bubbles: true, detail: { message } }));
  }

  #show(figure) {
    const meta = figure.layout.meta ?? {};
    this.#figure = figure;
    this.#strayed = false;
    this.#rows.take(figure);
    this.#busy(false);
    const chosen = this.#source.selected;
    if (this.hasAttribute("state")) this.#source.writeUrl();
    const empty = meta.rows === 0;
    this.#parts.state.hidden = true;
    this.#parts.body.hidden = empty;
    this.#parts.tools.hidden = empty || !meta.launch || Boolean(leaderOf(this));
    if (empty) say(this.#parts.state, "empty", meta.empty ?? word("empty"));
    this.#draw();
    describe(this.#parts.body, this.getAttribute("label"), meta, this.#rows.size > 0);
    if (chosen !== null && !this.#rows.chosen) {
      if (meta.launch) this.#rows.selectPosition(chosen);
      else this.#rows.select(chosen);
    }
    this.dispatchEvent(new CustomEvent("figure-drawn", { bubbles: true, detail: { kind: meta.kind, rows: meta.rows } }));
  }

  #draw() {
    if (!this.#figure || this.#parts.body.hidden || !this.clientWidth) return;
    const { layout, config } = this.#figure;
    this.toggleAttribute("narrow", this.clientWidth < NARROW);
    const still = matchMedia("(pointer: coarse)").matches;
    const hide = new Set((this.getAttribute("hide") ?? "").split(/\s+/));
    const colours = getComputedStyle(this);
    if (this.#parts.plot.dataset.wired) window.Plotly.Fx.unhover(this.#parts.plot);
    const data = resolved(this.#found(without(this.#figure.data, hide)), colours);
    const fit = fitted(layout, this.clientWidth, { still, range: layout.meta?.launch ? null : this.#source.range });
    window.Plotly.react(this.#parts.plot, data, resolved(fit, colours), config);
    if (!this.#parts.plot.dataset.wired) this.#wire(this.#parts.plot);
  }

  #found(data) {
    const text = (this.getAttribute("find") ?? "").trim().toLowerCase();
    if (!text) return data;
    const found = this.#rows.holding(text);
    this.dispatchEvent(new CustomEvent("find-results", { bubbles: true, detail: { count: found.length } }));
    return dimmed(data, new Set(found.map((row) => row.row)));
  }

  #wire(plot) {
    plot.dataset.wired = "yes";
    plot.on("plotly_relayout", (change) => this.#relayouted(change));
    plot.on("plotly_click", (event) => clicked(this, this.#figure?.layout.meta, event.points[0]));
    plot.on("plotly_hover", (event) => this.toggleAttribute("actable", opens(event.points[0])));
    plot.on("plotly_unhover", () => this.removeAttribute("actable"));
  }

  #resized() {
    const [width, before] = [Math.round(this.clientWidth), this.#source.askedWidth];
    if (!width) return;
    if (!before) this.#ask(0);
    if (!this.#figure) return;
    this.#draw();
    // Labels were shortened and ticks spaced for another width.
    if (Math.abs(width - before) > 0.1 * before) this.#ask(250);
  }

  // ---- zooming, in ns from the figure's origin

  #relayouted(change) {
    const range = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (!this.#figure || range.some((end) => typeof end !== "number")) return;
    if (!this.#figure.layout.meta?.launch) return this.#zoomedHere(range);
    this.#strayed = true;
    this.#zoom(range[0] * 1e9, range[1] * 1e9);
  }

  /** Two launches on one axis are all here: Plotly zooms by itself, and the page's URL keeps it. */
  #zoomedHere(range) {
    if (!this.hasAttribute("state")) return;
    this.#source.range = range;
    this.#source.writeUrl();
  }

  #follow(window) {
    const same = this.window?.[0] === window.from && this.window[1] === window.to;
    this.#source.window = window;
    if (!same || this.#strayed) this.#ask(0);
  }

  #range() {
    const { meta } = this.#figure.layout;
    return meta.window.map((text) => nanoseconds(meta, text));
  }

  #zoom(from, to, delay) {
    this.show(asked(this.#figure.layout.meta, from, to), delay);
  }

  #zoomBy(factor) {
    const { meta } = this.#figure?.layout ?? {};
    if (!meta?.launch) return;
    const [from, to] = this.#range();
    const row = this.#rows.chosen;
    const middle = row ? (nanoseconds(meta, row.start) + nanoseconds(meta, row.end)) / 2 : (from + to) / 2;
    const centre = Math.min(Math.max(middle, from), to);
    const half = ((to - from) * factor) / 2;
    this.#zoom(centre - half, centre + half);
  }

  #pan(share) {
    if (!this.#source.window) return;
    const [from, to] = this.#range();
    this.#zoom(from + (to - from) * share, to + (to - from) * share);
  }

  // ---- rows

  #selected({ position, path }) {
    if (!this.hasAttribute("state")) return;
    const chosen = this.#figure.layout.meta?.launch ? position : path;
    this.#source.selected = chosen == null ? null : String(chosen);
    this.#source.writeUrl();
  }

  #rowAt(event) {
    const at = this.#figure && placeAt(this.#figure.layout, this.#parts.plot.getBoundingClientRect(), event);
    const row = at && this.#rows.get(at.row);
    return row ? { ...row, left: at.left } : null;
  }

  #clicked(event) {
    // A tap arrives up to three times: as Plotly's two clicks and as the browser's.
    if (event.detail === 0 || (event.detail === 1 && event.timeStamp - this.#clickedAt < 60)) return;
    this.#clickedAt = event.timeStamp;
    // Plotly passes clicks on with their count, but no double click; the first of the two must not have folded a row.
    if (event.detail === 2) return this.#clickedTwice();
    const row = this.#rowAt(event);
    const opens = row && onMark(this.#figure.layout, this.clientWidth, row);
    this.#clickedRow = opens ? row : null;
    if (row) this.#rows.choose(row.row, "pointer");
    if (opens && (row.foldable || row.kind === "others")) this.#open(row);
    else if (row) this.#rows.tipSoon(row.row);
  }

  #clickedTwice() {
    if (this.#clickedRow?.foldable) this.#source.toggleFold(this.#clickedRow.position);
    this.#clickedRow = null;
    this.reset();
  }

  #pointed(event) {
    if (!this.#rows.size) return;
    const row = this.#rowAt(event);
    const marked = Boolean(row && onMark(this.#figure.layout, this.clientWidth, row));
    this.toggleAttribute("actable", marked && Boolean(row.foldable || row.kind === "others"));
    // Plotly tells of bars itself; a label may be shortened, so it tells the same.
    this.#rows.stop();
    if (marked && inLabels(this.#figure.layout, this.clientWidth, row)) this.#rows.tipSoon(row.row);
  }

  /** Folds or unfolds a phase; zooms to where shorter phases are. */
  #open(row) {
    if (!this.#figure.layout.meta.launch) return;
    if (row.kind === "others") this.zoomTo(row.start, row.end);
    if (!row.foldable) return;
    this.#source.toggleFold(row.position);
    this.#ask(0);
  }

  #key(event) {
    if (!this.#figure) return;
    const row = this.#rows.chosen;
    const act = actionOf(event, {
      step: (by) => this.#rows.step(by),
      fold: (wanted) => row?.foldable && Boolean(row.folded) !== wanted && this.#open(row),
      open: () => row && this.#open(row),
      pan: (share) => this.#pan(share),
      zoomBy: (factor) => this.#zoomBy(factor),
      reset: () => this.reset(),
    });
    if (!act) return;
    event.preventDefault();
    act();
  }
}

customElements.define("plotly-chart", PlotlyChart);
