// Where in a figure with rows the pointer is.

import { labelColumn, nanoseconds } from "./plotly-figure.js";

/** The row number under the pointer and the pixels from the label column's left; null for a figure without rows. */
export function placeAt({ margin, meta }, box, event) {
  if (!meta?.rowHeight) return null;
  return { row: Math.floor((event.clientY - box.top - margin.t) / meta.rowHeight), left: event.clientX - box.left - margin.l };
}

export function inLabels(layout, width, row) {
  return row.left < labelColumn(layout, width);
}

/** Whether a place in a row is its label or its bar, not the space between; `row` has left, start and end. */
export function onMark(layout, width, row) {
  if (inLabels(layout, width, row)) return true;
  if (!layout.meta.launch) return false;
  const gutter = labelColumn(layout, width);
  const [first, last] = layout.xaxis.range;
  const wide = width - layout.margin.l - layout.margin.r - gutter;
  const at = (text) => ((nanoseconds(layout.meta, text) / 1e9 - first) / (last - first)) * wide;
  return row.left - gutter >= at(row.start) - 3 && row.left - gutter <= at(row.end) + 3;
}
