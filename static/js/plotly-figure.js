// What <plotly-chart> does to a figure before Plotly draws it, and what it reads from it: pure functions.

const TOKEN = /^var\((--ls-[a-z0-9-]+)\)$/;

/** A copy of `value` with every colour token replaced by what `styles` (a CSSStyleDeclaration) says it is. */
export function resolved(value, styles, known = new Map()) {
  if (typeof value === "string") {
    const name = value.startsWith("var(") ? TOKEN.exec(value)?.[1] : undefined;
    if (!name) return value;
    if (!known.has(name)) known.set(name, styles.getPropertyValue(name).trim() || "#808080");
    return known.get(name);
  }
  if (Array.isArray(value)) return value.map((item) => resolved(item, styles, known));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, styles, known)]));
}

/** The layout for an element `width` pixels wide: the label column keeps its pixels, the time axis takes the rest and
 * shows `range`, if there is one. */
export function fitted(layout, width, { still, range }) {
  const fit = { ...layout, width, autosize: false };
  const area = width - layout.margin.l - layout.margin.r;
  const gutter = labelColumn(layout, width);
  if (gutter) {
    const split = gutter / area;
    for (const name of ["xaxis", "xaxis3"]) if (layout[name]) fit[name] = { ...layout[name], domain: [split, 1] };
    fit.xaxis2 = { ...layout.xaxis2, domain: [0, split], range: [0, gutter] };
  }
  for (const name of ["xaxis", "xaxis3"]) if (range && fit[name]) fit[name] = { ...fit[name], range };
  // Where a finger drags, the page must scroll; the buttons zoom instead.
  if (still) fit.dragmode = false;
  return fit;
}

/** Pixels of the label column, at most half of what there is; 0 for a figure without rows. */
export function labelColumn(layout, width) {
  const area = width - layout.margin.l - layout.margin.r;
  return layout.meta?.gutter ? Math.min(layout.meta.gutter, area / 2) : 0;
}

/** The traces without what `hide` names: "baseline" (ghosts), "critical" (outlines and marks). */
export function without(data, hide) {
  let shown = data;
  if (hide.has("baseline")) shown = shown.filter((trace) => trace.meta?.role !== "baseline");
  return hide.has("critical") ? shown.filter((trace) => trace.meta?.role !== "key").map(unmarked) : shown;
}

function unmarked(trace) {
  if (trace.meta?.critical) return { ...trace, marker: { ...trace.marker, line: { width: 0 } } };
  if (trace.meta?.role === "labels") return { ...trace, textfont: { ...trace.textfont, weight: "normal" } };
  if (trace.meta?.role === "durations") return { ...trace, text: trace.text.map((text) => text.replace(/^◆ /, "")) };
  return trace;
}

/** The traces with every row dimmed that is not in `rows` (a Set of row numbers). */
export function dimmed(data, rows) {
  return data.map((trace) => {
    const role = trace.meta?.role;
    if (role === "bars") {
      const opacity = trace.y.map((row) => (rows.has(row) ? 1 : 0.2));
      return { ...trace, marker: { ...trace.marker, opacity } };
    }
    if (role !== "labels" && role !== "durations") return trace;
    const own = trace.textfont.color;
    const color = trace.y.map((row, i) => (rows.has(row) ? (Array.isArray(own) ? own[i] : own) : "var(--ls-guide)"));
    return { ...trace, textfont: { ...trace.textfont, color } };
  });
}

/** Row number → {columns of customdata …, row, curve, point, tip}; of two bars in a row the last one drawn counts. */
export function rowsOf({ data, layout }) {
  const rows = new Map();
  const columns = layout.meta?.columns ?? [];
  data.forEach((trace, curve) => {
    if (trace.meta?.role !== "bars" || !trace.customdata) return;
    trace.customdata.forEach((values, point) => {
      const named = Object.fromEntries(columns.map((name, i) => [name, values[i]]));
      rows.set(trace.y[point], { ...named, row: trace.y[point], curve, point, tip: trace.hovertext?.[point] ?? "" });
    });
  });
  return rows;
}

/** A hover text as a sentence to be read out. */
export function spoken(tip) {
  const entities = { lt: "<", gt: ">", amp: "&" };
  return tip.replace(/<br >/g, " ").replace(/<br>/g, ", ").replace(/&(lt|gt|amp);/g, (_, name) => entities[name]);
}

/** A time (ns since the epoch, text or BigInt) in ns from the figure's origin: small enough to be a number. */
export function nanoseconds(meta, time) {
  return Number(BigInt(time) - BigInt(meta.origin));
}

/** A time window in ns from the figure's origin → what the server is asked for; null for the whole launch. */
export function asked(meta, from, to) {
  const origin = BigInt(meta.origin);
  const [first, last] = meta.launch.map((text) => nanoseconds(meta, text));
  const least = 1000;
  const length = Math.max(to - from, least);
  if (length >= last - first) return null;
  const start = Math.round(Math.min(Math.max(from, first), last - length));
  return { from: String(origin + BigInt(start)), to: String(origin + BigInt(start + Math.round(length))) };
}
