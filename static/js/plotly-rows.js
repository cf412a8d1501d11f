// The rows of a <plotly-chart> and the chosen one of them.

import { rowsOf, spoken } from "./plotly-figure.js";

export class RowSelection {
  #chart;
  #parts;
  #rows = new Map();
  #layout = null;
  #number = -1;
  #timer = 0;

  constructor(chart, parts) {
    this.#chart = chart;
    this.#parts = parts;
  }

  /** The chosen row; undefined while none is. */
  get chosen() {
    return this.#rows.get(this.#number);
  }

  get size() {
    return this.#rows.size;
  }

  get(number) {
    return this.#rows.get(number);
  }

  /** Rows whose path holds `text`, whatever its case. */
  holding(text) {
    return [...this.#rows.values()].filter((row) => row.path?.toLowerCase().includes(text));
  }

  /** Takes a new figure's rows; the same phase stays chosen when it has moved to another row. */
  take(figure) {
    const { chosen } = this;
    this.#rows = rowsOf(figure);
    this.#layout = figure.layout;
    const same = chosen && [...this.#rows.values()].find((row) => row.path === chosen.path && row.kind === chosen.kind);
    this.#number = same ? same.row : -1;
    this.#place();
  }

  /** Chooses the row of a phase path, if there is one; answers whether there is. */
  select(path) {
    const found = [...this.#rows.values()].find((row) => row.path === path && row.kind !== "others");
    if (found) this.choose(found.row, "page");
    return Boolean(found);
  }

  /** Chooses the row of a phase by its place in the launch (text), if it is drawn. */
  selectPosition(position) {
    const found = [...this.#rows.values()].find((row) => String(row.position) === position && row.kind !== "others");
    if (found) this.choose(found.row, "page");
  }

  step(by) {
    this.choose(Math.min(Math.max(this.#number + by, 0), this.#rows.size - 1), "keyboard");
  }

  /** Chooses a row, marks it, reads it out and tells the page; `source` says by what: pointer, keyboard or page. */
  choose(number, source) {
    const row = this.#rows.get(number);
    if (!row) return;
    this.#number = number;
    this.#place();
    this.#parts.said.textContent = spoken(row.tip);
    if (source !== "pointer") this.#reveal(row);
    const { position, path, kind, start, end, duration } = row;
    const detail = { position, path, kind, start, end, duration, row: number, source };
    this.#chart.dispatchEvent(new CustomEvent("phase-select", { bubbles: true, detail }));
  }

  /** Shows a row's hover text once Plotly, which knows nothing under the pointer, has taken away its own. */
  tipSoon(number) {
    this.stop();
    this.#timer = setTimeout(() => this.#rows.has(number) && this.#tip(this.#rows.get(number)), 150);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #place() {
    const { selection } = this.#parts;
    selection.hidden = !this.chosen;
    if (selection.hidden) return;
    const { margin, meta } = this.#layout;
    selection.style.top = `${margin.t + this.#number * meta.rowHeight}px`;
    selection.style.height = `${meta.rowHeight}px`;
  }

  #reveal(row) {
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#parts.selection.scrollIntoView({ block: "nearest", behavior: smooth ? "smooth" : "instant" });
    this.#tip(row);
  }

  #tip(row) {
    window.Plotly.Fx.hover(this.#parts.plot, [{ curveNumber: row.curve, pointNumber: row.point }]);
  }
}
