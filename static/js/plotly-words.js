// What a chart says of itself, in the language of the page: <meta name="plotly-words" data-…>, else in English.

const WORDS = {
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  whole: "Show the whole launch",
  keys: "Arrow keys choose a row, Enter folds it, plus and minus zoom.",
  chart: "chart",
  again: "Try again",
  loading: "Loading the chart…",
  empty: "There is nothing to draw here yet.",
  failed: "The server could not draw this chart (status %n).",
};

/** The text of that name; `n` takes the place of its %n. */
export function word(name, n) {
  const text = document.querySelector("meta[name=plotly-words]")?.dataset[name] || WORDS[name];
  return text.replace("%n", n);
}
