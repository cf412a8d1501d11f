// What a click on a point of a <plotly-chart> opens: a launch of a trend, the line that tells of an event.

/** Whether a click on the point opens something. */
export function opens(point) {
  return Boolean(point?.customdata) && point.data.meta?.role === "events" && point.customdata[1] !== null;
}

/** Tells the page what was clicked; a launch is opened unless the page does otherwise. */
export function clicked(chart, meta, point) {
  if (opens(point)) {
    const [artifact, line, time] = point.customdata;
    chart.dispatchEvent(new CustomEvent("event-select", { bubbles: true, detail: { artifact, line, time } }));
  }
  if (meta?.kind !== "trend" || !point?.customdata) return;
  const [launch, version] = point.customdata;
  const event = new CustomEvent("launch-select", { bubbles: true, cancelable: true, detail: { launch, version } });
  const links = chart.hasAttribute("launch-links") || chart.hasAttribute("data-launch-links");
  if (chart.dispatchEvent(event) && links) location.assign(`/launches/${encodeURIComponent(launch)}/`);
}
