// The keyboard of a <plotly-chart>.

/** What a key does, as a function; undefined for keys that are not the chart's. `does` holds the chart's own moves. */
export function actionOf(event, does) {
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const actions = {
    ArrowDown: () => does.step(1),
    ArrowUp: () => does.step(-1),
    PageDown: () => does.step(10),
    PageUp: () => does.step(-10),
    Home: () => does.step(-Infinity),
    End: () => does.step(Infinity),
    ArrowLeft: () => (event.shiftKey ? does.pan(-0.25) : does.fold(true)),
    ArrowRight: () => (event.shiftKey ? does.pan(0.25) : does.fold(false)),
    Enter: does.open,
    " ": does.open,
    "+": () => does.zoomBy(0.5),
    "=": () => does.zoomBy(0.5),
    "-": () => does.zoomBy(2),
    0: does.reset,
    Escape: does.reset,
  };
  return Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
}
