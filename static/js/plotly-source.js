// Where a <plotly-chart> gets its figure: which part of the launch is asked for, the request, and the page's URL.

import { word } from "./plotly-words.js";

export class FigureSource {
  window = null; // {from, to} in ns as text; null: the whole launch
  fold = new Set(); // positions of folded phases
  range = null; // [from, to] on the axis of a figure that needs no server to zoom
  selected = null; // the chosen phase, as text: its position in the launch; of two launches its path
  askedWidth = 0; // pixels of the newest request
  #timer = 0;
  #request = null;

  /** Takes window or range, folds and the chosen phase from the page's URL. */
  readUrl() {
    const query = new URLSearchParams(location.search);
    const [from, to] = [query.get("from"), query.get("to")];
    this.window = /^-?\d+$/.test(from) && /^-?\d+$/.test(to) ? { from, to } : null;
    this.fold = new Set((query.get("fold") ?? "").split(",").filter((text) => /^\d+$/.test(text)).map(Number));
    const range = (query.get("zoom") ?? "").split(",").map(Number);
    this.range = range.length === 2 && range.every(Number.isFinite) && range[0] < range[1] ? range : null;
    this.selected = query.get("select");
  }

  /** Puts window or range, folds and the chosen phase into the page's URL, so that a link or a reload shows the same. */
  writeUrl() {
    const url = new URL(location.href);
    this.#describe(url.searchParams);
    if (this.selected === null) url.searchParams.delete("select");
    else url.searchParams.set("select", this.selected);
    if (this.range) url.searchParams.set("zoom", this.range.map((end) => Number(end.toFixed(9))).join(","));
    else url.searchParams.delete("zoom");
    history.replaceState(history.state, "", url);
  }

  toggleFold(position) {
    if (!this.fold.delete(position)) this.fold.add(position);
  }

  /** Calls `ask` after `delay` ms; a newer call takes the place of one that waits or is under way. */
  soon(ask, delay) {
    this.stop();
    this.#timer = setTimeout(ask, delay);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#request?.abort();
  }

  /** The figure for an element `width` pixels wide; null when a newer request took over. Throws Error with a sentence. */
  async load(src, width) {
    this.askedWidth = width;
    const { signal } = (this.#request = new AbortController());
    const url = new URL(src, location.href);
    this.#describe(url.searchParams);
    url.searchParams.set("width", width);
    try {
      return await answerOf(await fetch(url, { signal, headers: { Accept: "application/json" }, credentials: "same-origin" }));
    } catch (error) {
      if (signal.aborted) return null;
      // fetch says TypeError, in words of the browser's own, when there was no answer.
      throw error instanceof TypeError ? new Error("The server did not answer. Check the connection and try again.") : error;
    }
  }

  #describe(query) {
    for (const name of ["from", "to"]) {
      if (this.window) query.set(name, this.window[name]);
      else query.delete(name);
    }
    if (this.fold.size) query.set("fold", [...this.fold].sort((a, b) => a - b).join(","));
    else query.delete("fold");
  }
}

async function answerOf(response) {
  const failed = word("failed", response.status);
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) {
    throw new Error(response.redirected ? "You are signed out. Sign in again, then reload this page." : failed);
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error?.message ?? failed);
  return answer;
}
